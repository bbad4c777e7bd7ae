"""Further look-alikes of surveys: other languages, re-saved files, every shape of a multi-select."""

import json

from smf_helpers.ingest.sample.containers import delimited, workbook, zipped
from tests.ingest.cases import BOM, Case, text


def cases() -> list[Case]:
    """Give them."""
    google = text(
        """
Timestamp,1. We learn from what did not work.  ,"Which tools do you use, and where?",Employeer
2019/10/13 11:50:46 PM GMT+5:30,4,"Chat, internal;Wiki",Acme
2019/10/14 9:05:00 AM GMT+8,2,"Wiki;Forum, public",Acme
2019/10/15 9:05:00 AM GMT+8,5,"Chat, internal;Forum, public",Other
2019/10/15 9:06:00 AM GMT-3,,,
"""
    )
    sheet = text(
        """
Aikaleima,What holds you back?,How well does it work? [Chat],How well does it work? [Wiki],Sähköpostiosoite
9/6/2018 0:06:16,"I am too busy, There are too many tools, chats and channels",Good,Poor,a@x.example
9/17/2018 8:06:16,,Very good,Fair,b@x.example
"""
    )
    spanish = text(
        """
Marca temporal,¿Nos ayuda?,¿Cuánto (1 a 10)?
27/03/2025 14:06:16,Sí,7
28/03/2025 14:06:16,No,9
"""
    )
    nbsp = "\u00a0"
    forms = workbook(
        {
            "Form1": [
                ["ID", "Start time", "Completion time", "Email", "Name", "Last modified time", "Total points", "Quiz feedback",
                 f"We learn from what did{nbsp}not work.", "Points - We learn", "Feedback - We learn", "What holds you back?",
                 "How well does it work?.Chat", "How well does it work?.Wiki", "Rating", "Rating2"],
                [1, 45718.5, 45718.75, "anonymous", "", "", "", "", "Agree", 1, "", "I am too busy;", "Good", "Poor", 3, 4],
                [2, 45719.5, 45719.75, "anonymous", "", "", "", "", f"Strongly{nbsp}agree", 1, "", "", "Fair", "Good", 5, 1],
            ]
        }
    )  # fmt: skip
    resaved = text(
        """
Id,Hora de inicio,Hora de finalización,Correo electrónico,Nombre,OBJ1,Comentario
1,3/14/25 10:00:00,3/14/25 10:05:00,ana@x.example,Ana,4,Está bien
2,3/15/25 10:00:00,3/15/25 10:05:00,leo@x.example,Leo,5,Así así
""",
        "cp1252",
    )
    condensed = text(
        """
Respondent ID,Collector ID,Start Date,End Date,IP Address,Email Address,First Name,Last Name,Custom Data 1,How easy is it?,Why?
11812345671,11,04/13/2025 10:02:11 AM,04/13/2025 10:05:00 AM,,,,,A1,Very easy,no reason
11812345672,11,04/13/2025 10:02:11 PM,04/14/2025 11:05:00 PM,,,,,A2,Neither easy nor difficult,
"""
    )
    rounded = text(
        """
RespondentID,CollectorID,StartDate,EndDate,IP Address,Email Address,First Name,LastName,Custom Data 1,How easy is it?
,,,,,,,,,Response
1.15041E+11,11,04/13/2025 10:02:11,04/13/2025 10:05:00,,,,,,Very easy
1.15041E+11,11,04/13/2025 10:02:11,04/14/2025 11:05:00,,,,,,Somewhat easy
"""
    )
    lime = BOM + delimited(
        [
            ["Antwort ID", "Datum Abgeschickt", "Letzte Seite", "Start-Sprache", "Zufallsstartwert", "OBJ1", "Wie gut? [Chat]",
             "Wie gut? [Chat]", "groupTime122", "groupTime123"],
            ["1", "1980-01-01 00:00:00", "3", "de", "9", "Stimme voll zu - 5", "4", "2", "12.5", "12.5"],
            ["2", "", "1", "de", "8", "3", "N/A", "N/A", "2.5", "2.5"],
            ["3", "2025-03-04 10:00:00", "3", "de", "7", "Stimme gar nicht zu - 1", "", "1", "3.5", "3.5"],
        ]
    )  # fmt: skip
    webropol = json.dumps(
        {
            "SurveyId": 2, "Paging": {"Page": 1},
            "SurveyAnswers": [
                {"RespondentId": 40 + n, "ResponseId": n, "RespondentEmail": f"p{n}@x.example", "ResponseDate": f"2020-11-1{n}T11:54:34.253",
                 "RespondentAnswers": [
                     {"QuestionId": 1, "QuestionTitle": "How well do you know them?", "QuestionTypeName": "questionType_scaleSelection",
                      "QuestionAnswers": [{"OptionAnswer": str(2 + n), "RowText": "Chat"}, {"OptionAnswer": "5", "RowText": "Wiki"}]},
                     {"QuestionId": 2, "QuestionTitle": "How likely are you to recommend working this way to a colleague?",
                      "QuestionTypeName": "questionType_NPS", "QuestionAnswers": [{"OptionAnswer": str(8 + n)}]}]}
                for n in (1, 2)
            ],
        }
    ).encode()  # fmt: skip
    typeform = text(
        """
#,Is it <em>ours</em>?,What else?,Response Type,Start Date (UTC),Stage Date (UTC),Submit Date (UTC),Network ID,Tags,Ending
01c2e3f4a5b6c7d8e9f0a1b2c3d4e5f6,1,more,completed,2025-03-04 10:00:00,,2025-03-04 10:05:00,n1,,e1
11c2e3f4a5b6c7d8e9f0a1b2c3d4e5f6,0,,completed,2025-03-05 10:00:00,,2025-03-05 10:05:00,n2,,e1
"""
    )
    return [
        Case(name="responses.zip", raw=zipped({"Some.csv": google}), format="google_forms", variant="direct",
             rows={"respondents": 3, "responses": 15}, sums={("responses", "value"): 4 + 2 + 5 + 6},
             first={("respondents", "submitted_at"): "2019-10-13 18:20:46+00:00"}),
        Case(name="sheet.csv", raw=sheet, format="google_forms", variant="through a sheet",
             rows={"respondents": 2, "responses": 2 * (7 + 2)}, sums={("responses", "value"): 2 + (4 + 2) + (5 + 3)},
             first={("respondents", "submitted_at"): "2018-09-06 00:06:16+00:00", ("respondents", "respondent"): "a@x.example"}),
        Case(name="es.csv", raw=spanish, format="google_forms", rows={"respondents": 2, "responses": 4}, sums={("responses", "value"): 17},
             first={("respondents", "submitted_at"): "2025-03-27 14:06:16+00:00"}),
        Case(name="Form.xlsx", raw=forms, format="microsoft_forms", rows={"respondents": 2, "responses": 2 * (1 + 7 + 2 + 2)},
             sums={("responses", "value"): (4 + 5) + 1 + (4 + 2 + 3 + 4) + (3 + 5 + 4 + 1)},
             first={("respondents", "submitted_at"): "2025-03-02 18:00:00+00:00"}),
        Case(name="Form re-saved.csv", raw=resaved, format="microsoft_forms", rows={"respondents": 2, "responses": 4},
             sums={("responses", "value"): 9},
             first={("respondents", "submitted_at"): "2025-03-14 10:05:00+00:00", ("respondents", "respondent"): "ana@x.example"}),
        Case(name="condensed.csv", raw=condensed, format="surveymonkey", variant="condensed", rows={"respondents": 2, "responses": 4},
             sums={("responses", "value"): 5 + 3},
             first={("respondents", "submitted_at"): "2025-04-13 10:05:00+00:00", ("respondents", "respondent"): "A1"}),
        Case(name="rounded.csv", raw=rounded, format="surveymonkey", rows={"respondents": 2, "responses": 2}, sums={("responses", "value"): 9}),
        Case(name="lime.csv", raw=lime, format="limesurvey", variant="answer texts", rows={"respondents": 3, "responses": 9},
             sums={("responses", "value"): (5 + 3 + 1) + 4 + (2 + 1)}, first={("respondents", "submitted_at"): "NaT"}),
        Case(name="w2.json", raw=webropol, format="webropol", rows={"respondents": 2, "responses": 6},
             sums={("responses", "value"): (3 + 4) + 10 + (9 + 10)},
             first={("respondents", "submitted_at"): "2020-11-11 11:54:34+00:00", ("respondents", "respondent"): "p1@x.example"}),
        Case(name="tf.csv", raw=typeform, format="typeform", rows={"respondents": 2, "responses": 4}, sums={("responses", "value"): 1},
             first={("respondents", "submitted_at"): "2025-03-04 10:05:00+00:00"}),
    ]  # fmt: skip
