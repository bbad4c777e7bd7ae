# ruff: noqa: E501 (headers of exports are as long as they are)
"""Look-alikes of every format: headers and quirks as the vendors write them, invented numbers.

Each case gives the name of a file, its bytes, the format and variant it must be told as, and what its canonical
tables must hold: rows by table, and sums or values by column.
"""

import io
import json
import tempfile
import zipfile
from pathlib import Path

from smf_helpers.ingest.sample.containers import delimited, workbook, zipped
from tests.ingest import lookalikes_channels, lookalikes_internal, lookalikes_surveys
from tests.ingest.cases import BOM, Case, text


def _surveys() -> list[Case]:
    monkey = text(
        """
RespondentID,CollectorID,StartDate,EndDate,IP Address,Email Address,First Name,LastName,Custom Data 1,Which tools do you use?,,,How easy is it?
,,,,,,,,,Chat,Wiki,Other (please specify),Response
11812345671,11,04/13/2025 10:02:11,04/13/2025 10:05:00,,,,,A1,Chat,,,Very easy
11812345672,11,04/13/2025 10:02:11,04/14/2025 11:05:00,,,,,A2,,Wiki,Telephone,Somewhat difficult
11812345673,11,04/13/2025 10:02:11,04/15/2025 11:05:00,,,,,A3,Chat,Wiki,,Very difficult
""",
        "cp1252",
    )
    coded = text(
        """
,StartDate,EndDate,q0001,q0004_0001,q0004_0002
1,04/13/2025,04/13/2025,3,1,0
2,04/13/2025,04/14/2025,5,0,1
"""
    )
    imports = [
        "startDate",
        "endDate",
        "status",
        "progress",
        "finished",
        "recordedDate",
        "_recordId",
        "externalDataReference",
        "QID1",
        "QID2_TEXT",
    ]
    qualtrics = delimited(
        [
            [
                "StartDate",
                "EndDate",
                "Status",
                "Progress",
                "Finished",
                "RecordedDate",
                "ResponseId",
                "ExternalReference",
                "OBJ1",
                "Q2",
            ],
            [
                "Anfangsdatum",
                "Enddatum",
                "Antworttyp",
                "Aktueller Stand",
                "Beendet",
                "Erfassungsdatum",
                "Antwort-ID",
                "Externe Datenreferenz",
                "We know\nwhat",
                "Why?",
            ],
            [json.dumps({"ImportId": name, "timeZone": "America/Denver"}) for name in imports],
            [
                "2025-03-01 08:00:00",
                "2025-03-01 08:05:00",
                "0",
                "100",
                "1",
                "2025-03-01 08:05:00",
                "R_1",
                "E1",
                "4",
                "because",
            ],
            [
                "2025-03-01 08:00:00",
                "2025-03-01 08:05:00",
                "IP Address",
                "100",
                "1",
                "2025-03-01 09:05:00",
                "R_2",
                "E2",
                "Agree",
                "",
            ],
            [
                "2025-03-01 08:00:00",
                "2025-03-01 08:05:00",
                "Survey Preview",
                "100",
                "1",
                "2025-03-01 09:06:00",
                "R_3",
                "",
                "1",
                "test",
            ],
        ]
    )
    legacy = BOM + text(
        """
V1,V2,V3,V4,V5,V6,V7,V8,V9,V10,Q1,
ResponseID,ResponseSet,Name,ExternalDataReference,EmailAddress,IPAddress,Status,StartDate,EndDate,Finished,How easy is it?,
R_1,Default,Anon,,,1.1.1.1,0,2014-03-01 08:00:00,2014-03-01 08:05:00,1,3,
R_2,Default,Anon,,,1.1.1.1,0,2014-03-01 08:00:00,2014-03-01 08:06:00,1,5,
"""
    )
    typeform = text(
        """
#,<strong>Does it help?</strong>,Which tools?,Which tools?,Why?,Why?,Start Date (UTC),Submit Date (UTC),Network ID
0123456789abcdef0123456789abcdef,1,Chat,,good,,27-12-2018 21:40,27-12-2018 21:44,aa11
1123456789abcdef0123456789abcdef,0,,Wiki,,bad,28-12-2018 21:40,28-12-2018 21:44,aa12
"""
    )
    webropol = json.dumps(
        {
            "SurveyId": 1,
            "Paging": {},
            "SurveyAnswers": [
                {
                    "RespondentId": None,
                    "ResponseDate": "2025-11-10T11:54:34.253",
                    "RespondentAnswers": [
                        {"QuestionId": 7, "QuestionTitle": "We learn from what did not work.", "QuestionTypeName": "questionType_scaleSelection",
                         "QuestionAnswers": [{"OptionAnswer": str(answer), "RowText": ""}]},
                        {"QuestionId": 8, "QuestionTitle": "Tools", "QuestionTypeName": "questionType_multipleChoice",
                         "QuestionAnswers": [{"OptionAnswer": "Chat", "OptionId": 1}]},
                        {"QuestionId": 9, "QuestionTitle": "Anything else?", "QuestionTypeName": "questionType_openended",
                         "QuestionAnswers": [{"AttahedTextFieldValue": "no"}]},
                    ],
                }
                for answer in (2, 5)
            ],
        }
    ).encode()  # fmt: skip
    wide = text(
        """
Unit,OBJ1,OBJ2,LCU3,REC
Sales,4,5,1,9
Sales,3,,2,10
Works,N/A,2,5,0
"""
    )
    return [
        Case(name="sm.csv", raw=monkey, format="surveymonkey", variant="two header rows",
             rows={"respondents": 3, "responses": 12}, sums={("responses", "value"): 5 + (5 + 2 + 1)}),
        Case(name="smc.csv", raw=coded, format="surveymonkey", variant="coded", rows={"respondents": 2, "responses": 6},
             sums={("responses", "value"): 10}),
        Case(name="q.csv", raw=qualtrics, format="qualtrics", variant="three header rows",
             rows={"respondents": 2, "responses": 4}, sums={("responses", "value"): 8},
             first={("respondents", "submitted_at"): "2025-03-01 15:05:00+00:00", ("respondents", "respondent"): "E1"}),
        Case(name="q_old.csv", raw=legacy, format="qualtrics", variant="legacy", rows={"respondents": 2, "responses": 2},
             sums={("responses", "value"): 8}),
        Case(name="t.csv", raw=typeform, format="typeform", rows={"respondents": 2, "responses": 10},
             first={("respondents", "submitted_at"): "2018-12-27 21:44:00+00:00"}),
        Case(name="w.json", raw=webropol, format="webropol", rows={"respondents": 2, "responses": 6},
             sums={("responses", "value"): 2 + 5 + 1 + 1}),
        Case(name="wide.csv", raw=wide, format="wide_survey", variant="known items",
             rows={"respondents": 3, "responses": 12}, sums={("responses", "value"): 41}),
        Case(name="s.sav", raw=_sav(), format="spss", rows={"respondents": 3, "responses": 6}, sums={("responses", "value"): 3 + 30}),
    ]  # fmt: skip


def _sav() -> bytes:
    import pandas as pd
    import pyreadstat

    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "x.sav"
        rows = pd.DataFrame({"educ": [1.0, 2.0, 99.0], "age": [30.0, None, 0.0]})
        pyreadstat.write_sav(rows, str(path), missing_ranges={"educ": [99.0]})
        return path.read_bytes()


def _channels() -> list[Case]:
    fb_days = "Date,page_fans:lifetime,page_fan_adds_unique:day,page_impressions_unique:day,page_impressions_unique:days_28\n"
    fb_days += "Date,Lifetime: people,Daily: people,Daily: people,28 days: people\n"
    fb_days += "2018-05-01,1000,3,50,700\n2018-05-02,1002,2,60,705\n"
    fb_posts = (
        '<?xml version="1.0"?><Workbook xmlns="urn:schemas-microsoft-com:office:spreadsheet" '
        'xmlns:ss="urn:schemas-microsoft-com:office:spreadsheet"><Worksheet ss:Name="Key Metrics"><Table>'
    )
    for row in (
        [
            "Post ID",
            "Permalink",
            "Post Message",
            "Type",
            "Posted",
            "Lifetime Post Total Reach",
            "Lifetime Post Total Impressions",
        ],
        ["", "", "", "", "", "Lifetime: people", "Lifetime: times"],
        [
            "11_1",
            "https://x/1",
            "One & two".replace("&", "&amp;"),
            "Photo",
            "05/01/2018 05:14:00 AM",
            "500",
            "900",
        ],
        ["11_2", "https://x/2", "Three", "Link", "05/02/2018 05:14:00 AM", "100", "150"],
    ):
        cells = "".join(f'<Cell><Data ss:Type="String">{cell}</Data></Cell>' for cell in row)
        fb_posts += f"<Row>{cells}</Row>"
    fb_posts += "</Table></Worksheet></Workbook>"
    ads = workbook(
        {
            "Report": [
                [
                    "Reporting starts",
                    "Reporting ends",
                    "Ad name",
                    "Results",
                    "Reach",
                    "Impressions",
                    "Amount spent (UAH)",
                ],
                ["2024-03-01", "2024-03-02", "", 9, 70, 300, 55.5],
                ["2024-03-01", "2024-03-01", "A", 4, 40, 100, 20.5],
                ["2024-03-02", "2024-03-02", "A", 5, 40, 200, 35.0],
            ]
        }
    )
    creator = workbook(
        {
            "DISCOVERY": [["Overall Performance", "7/7/2024 - 8/5/2024"], ["Impressions", 30]],
            "ENGAGEMENT": [["Date", "Impressions", "Engagements"], ["8/5/2024", 20, 3], ["7/31/2024", 10, 1]],
            "TOP POSTS": [
                ["Maximum of 50 posts available to include in this list"],
                [],
                [
                    "Post URL",
                    "Post publish date",
                    "Engagements",
                    "",
                    "Post URL",
                    "Post publish date",
                    "Impressions",
                ],
                ["https://l/1", "7/31/2024", 3, "", "https://l/1", "7/31/2024", 20],
            ],
            "FOLLOWERS": [
                ["Total followers on 8/5/2024:", 812],
                [],
                ["Date", "New followers"],
                ["8/5/2024", 2],
            ],
        }
    )
    tweets = text(
        """
"Tweet id","Tweet permalink","Tweet text","time","impressions","engagements","engagement rate","retweets","replies","likes","user profile clicks","url clicks","promoted impressions"
"1388000000000000001","https://twitter.com/a/status/1388000000000000001","Hello","2021-04-30 09:32 +0000","825.0","12.0","0.0145","1.0","2.0","7.0","1.0","0.0","-"
"1388000000000000002","https://twitter.com/a/status/1388000000000000002","Again","2021-04-30 10:32 +0000","75.0","2.0","0.0145","0.0","0.0","1.0","1.0","0.0","-"
"""
    )
    daily = text(
        '"Date","Tweets published","impressions","engagements","likes"\n"2021-04-30","2","1200","20","8"'
    )
    content = text(
        """
Post id,Date,Post text,Link,Impressions,Likes,Engagements,Bookmarks,Share,New follows,Replies,Reposts,Profile visits,Detail expands,Url clicks,Hashtag clicks,Permalink clicks
1886000000000000001,"Mon, Feb 3, 2025",Hi,https://x.com/a/status/1886000000000000001,400,5,9,2,0,0,1,1,3,0,2,0,0
"""
    )
    overview = text(
        """
Date,Impressions,Likes,Engagements,Bookmarks,Shares,New follows,Unfollows,Replies,Reposts,Profile visits,Create Post,Video views,Media views
"Sat, Aug 1, 2026",400,5,9,2,0,3,1,1,1,3,1,0,0
"Sun, Aug 2, 2026",100,1,2,0,0,0,0,1,0,1,0,0,0
"""
    )
    shy = "\u00ad"
    german = f"Inhalt,Video{shy}titel,Veröffentlichungs{shy}zeitpunkt des Videos,Auf{shy}rufe,Wiedergabe{shy}zeit (Stunden),Abonnenten\n"
    german += f'Ge{shy}samt,,,900,30,5\nabcdefghijk,Eins,"Aug 19, 2011",500,20,3\nabcdefghij2,Zwei,"Aug 20, 2012",300,8,2\n'
    youtube = zipped(
        {
            "Tabellendaten.csv": german.encode(),
            "Gesamtwerte.csv": b"Datum,Aufrufe\n2025-06-13,400\n2025-06-14,500\n",
            "Diagrammdaten.csv": b"Datum,Inhalt,Videotitel,Aufrufe\n2025-06-13,abcdefghijk,Eins,4\n",
        }
    )
    tiktok = BOM + text(
        '"Date","Video Views","Profile Views","Likes","Comments","Shares"\n"December 31","10","2","undefined","0","0"\n"January 1","20","3","1","0","0"'
    )
    tiktok_videos = text(
        "Video title,Video link,Post time,Video views,Likes,Comments,Shares,Add to Favorites\nA,https://t/1,2025/10/31,100,5,--,NAN,2"
    )
    sprout = text(
        """
"Date","Post ID","Network","Post Type","Content Type","Profile","Sent by","Link","Post","Linked Content","Impressions","Reactions","Engagement Rate (per Impression)"
"12/30/2025 9:40 am","p1","LinkedIn","Post","Photo","'@acme","","https://l","Hi","","11,337","50","16.1%"
"12/30/2025 9:50 am","p2","X","Post","Text","'@acme","","https://x","Hi","","1,000","","2%"
"""
    )
    sprout_days = text(
        '"Date","Network","Profile","Audience","Net Audience Growth"\n"13-01-2025","LinkedIn","acme","1,100","3"\n"14-01-2025","LinkedIn","acme","1,103","3"'
    )
    ga = text(
        """
# ----------------------------------------
# Report CSV Export
# Account: Example
# Property: Example
# Start date: 20230708
# End date: 20231010
Date,Event count,Total users,Sessions
20231010,50,20,25
20230708,40,10,12
"""
    )
    videos = BOM + text(
        '"Video asset ID","Universal video ID","Page ID","Page name",Title,Description,"Publish time",Permalink,Reach,"3-second video views",Reactions,Comments,Shares\n'
        '111,222,333,Acme,T,D,"02/16/2025 05:14",https://f/1,90,50,3,1,0'
    )
    swedish = BOM + text(
        "Publicerings-id,Sid-id,Sidnamn,Titel,Beskrivning,Publiceringstid,Permalänk,Inläggstyp,Datum,Visningar,Räckvidd,Reaktioner,Kommentarer,Delningar\n"
        "122000000000000001,333,Acme,T,D,02/16/2025 05:14,https://f/1,Foton,Livstid,90,50,3,1,0"
    )
    audience = '\ufeffsep=,\r\n"Age & gender"\r\n"","Women","Men"\r\n"18-24","26.2","10"\r\n'.encode(
        "utf-16-le"
    )
    return [
        Case(name="fbd.csv", raw=fb_days.encode(), format="facebook_legacy", variant="days", rows={"channel_days": 8},
             sums={("channel_days", "value"): 2002 + 5 + 110 + 1405}),
        Case(name="fbp.xls", raw=fb_posts.encode(), format="facebook_legacy", variant="posts", rows={"posts": 2},
             sums={("posts", "reach"): 600, ("posts", "impressions"): 1050},
             first={("posts", "text"): "One & two", ("posts", "published_at"): "2018-05-01 12:14:00+00:00"}),
        Case(name="ads.xlsx", raw=ads, format="meta_ads", rows={"channel_days": 4}, sums={("channel_days", "value"): 355.5}),
        Case(name="creator.xlsx", raw=creator, format="linkedin_creator", rows={"channel_days": 5, "posts": 1},
             sums={("channel_days", "value"): 36, ("posts", "impressions"): 20, ("posts", "reactions"): 3}),
        Case(name="tweets.csv", raw=tweets, format="x", variant="tweets", rows={"posts": 2},
             sums={("posts", "impressions"): 900, ("posts", "reactions"): 8}, first={("posts", "post"): "1388000000000000001"}),
        Case(name="xd.csv", raw=daily, format="x", variant="days", rows={"channel_days": 3}, sums={("channel_days", "value"): 1228}),
        Case(name="xc.csv", raw=content, format="x", variant="content", rows={"posts": 1},
             sums={("posts", "impressions"): 400, ("posts", "saves"): 2}, first={("posts", "published_at"): "2025-02-03 00:00:00+00:00"}),
        Case(name="xo.csv", raw=overview, format="x", variant="overview", rows={"channel_days": 18},
             first={("channel_days", "date"): "2026-08-01 00:00:00"}),
        Case(name="yt.zip", raw=youtube, format="youtube_studio", rows={"posts": 2, "channel_days": 2},
             sums={("posts", "impressions"): 800, ("channel_days", "value"): 900},
             first={("posts", "published_at"): "2011-08-19 07:00:00+00:00"}),
        Case(name="Overview_2025-01-01.csv", raw=tiktok, format="tiktok", variant="days", rows={"channel_days": 9},
             first={("channel_days", "date"): "2024-12-31 00:00:00"}),
        Case(name="tv.csv", raw=tiktok_videos, format="tiktok", variant="videos", rows={"posts": 1}, sums={("posts", "saves"): 2}),
        Case(name="sprout.csv", raw=sprout, format="sprout_social", variant="posts", rows={"posts": 2},
             sums={("posts", "impressions"): 12337}, first={("posts", "channel"): "linkedin"}),
        Case(name="sd.csv", raw=sprout_days, format="sprout_social", variant="profiles", rows={"channel_days": 4},
             first={("channel_days", "date"): "2025-01-13 00:00:00"}),
        Case(name="ga.csv", raw=ga, format="google_analytics", rows={"channel_days": 6}, sums={("channel_days", "value"): 157}),
        Case(name="v.csv", raw=videos, format="meta_videos", rows={"posts": 1}, sums={("posts", "impressions"): 50}),
        Case(name="se.csv", raw=swedish, format="meta_posts", rows={"posts": 1}, sums={("posts", "reach"): 50},
             first={("posts", "published_at"): "2025-02-16 13:14:00+00:00"}),
        Case(name="aud.csv", raw=audience, format="meta_audience"),
    ]  # fmt: skip


def _internal() -> list[Case]:
    yammer = BOM + text(
        """
Report Refresh Date,User Principal Name,Display Name,User State,State Change Date,Last Activity Date,Posted Count,Read Count,Liked Count,Assigned Products,Report Period
2025-03-10,ann@acme.example,Ann,active,,2025-03-09,3,20,5,ENTERPRISE MOBILITY + SECURITY E5+OFFICE 365 E3,7
2025-03-10,bob@acme.example,Bob,active,,,0,0,0,OFFICE 365 E3,7
2025-03-10,eve_mail.example#EXT#@acme.example,Eve,active,,2025-03-09,1,1,1,,7
"""
    )
    teams = BOM + text(
        """
Report Refresh Date,User Principal Name,Last Activity Date,Is Deleted,Deleted Date,Assigned Products,Team Chat Message Count,Private Chat Message Count,Call Count,Meeting Count,Has Other Action,Report Period
2021-03-10,0123456789ABCDEF0123456789ABCDEF,2021-03-09,False,,OFFICE 365 E3,3,20,5,1,Yes,30
2021-03-10,1123456789ABCDEF0123456789ABCDEF,2021-03-09,False,,OFFICE 365 E3,4,0,5,1,Yes,30
"""
    )
    members = text(
        """
Name,What I Do,User ID,Username,Email,Account type,Account created (UTC),Claimed Date (UTC),Deactivated date (UTC),Days active,Messages posted,Reactions added,Last active (UTC)
Ann,,U1,ann,ann@acme.example,Member,"Apr 1, 2024","Apr 2, 2024",,20,11,4,"Apr 17, 2026"
Bob,,U2,bob,bob@acme.example,Member,"Apr 1, 2024",,,0,0,0,
Gus,,U3,gus,gus@agency.example,Single-Channel Guest,"Apr 1, 2024","Apr 2, 2024",,3,2,1,"Apr 17, 2026"
"""
    )
    channels = text(
        'Name,Created,Last active,Total membership,Full Members,Guests,Messages posted,Messages posted by members,Members who posted,Members who viewed,Reactions added,Members who reacted\ngeneral,"Apr 1, 2024","Apr 17, 2026",50,48,2,100,98,20,40,30,10'
    )
    discourse = text(
        """
id,name,username,email,title,created_at,last_seen_at,last_posted_at,last_emailed_at,trust_level,approved,suspended_at,suspended_till,silenced_till,active,admin,moderator,ip_address,staged,topics_entered,posts_read_count,time_read,topic_count,post_count,likes_given,likes_received,location,website,views,group_names
1,Ann,ann,ann@acme.example,,2025-01-01 08:00:00 UTC,2025-03-01 08:00:00 UTC,,,2,true,,,,true,false,false,1.1.1.1,false,5,50,100,2,9,4,3,,,1,staff
2,Bob,bob,bob@acme.example,,2025-01-01 08:00:00 UTC,2025-02-01 08:00:00 UTC,,,1,true,,,,true,false,false,1.1.1.1,false,5,40,100,0,1,2,3,,,1
"""
    )
    matter = [
        {"type": "version", "version": 1},
        {"type": "channel", "channel": {"team": "t", "name": "town", "type": "O"}},
        {"type": "user", "user": {"username": "ann", "email": "ann@acme.example"}},
        {"type": "user", "user": {"username": "bob", "email": "bob@acme.example"}},
        {"type": "post", "post": {"team": "t", "channel": "town", "user": "ann", "message": "hi", "create_at": 1741000000000,
         "reactions": [{"user": "bob", "create_at": 1741000100000}], "replies": [{"user": "bob", "message": "ho", "create_at": 1741000200000}]}},
        {"type": "direct_post", "direct_post": {"user": "ann", "message": "psst", "create_at": 1741000000000}},
    ]  # fmt: skip
    insights = text(
        "PersonId,MetricDate,Collaboration_hours,Channel_message_posts,Organization,LevelDesignation\np1,2025-03-02,10,3,IT,Level1\np1,2025-03-09,11,0,IT,Level1\np2,2025-03-02,10,2,Legal,Level2"
    )
    return [
        Case(name="yammer.csv", raw=yammer, format="m365_usage", variant="Yammer users", rows={"activity": 1, "people": 3},
             sums={("activity", "posts"): 3, ("activity", "reads"): 20}),
        Case(name="teams.csv", raw=teams, format="m365_usage", variant="Teams users", rows={"activity": 2}, sums={("activity", "posts"): 7}),
        Case(name="members 2026-03-19 2026-04-17.csv", raw=members, format="slack_members", rows={"activity": 1, "people": 3},
             sums={("activity", "posts"): 11, ("activity", "window_days"): 30}),
        Case(name="chan.csv", raw=channels, format="slack_channels"),
        Case(name="users.csv", raw=discourse, format="discourse", rows={"activity": 2, "people": 2}, sums={("activity", "posts"): 10}),
        Case(name="mm.jsonl", raw="\n".join(map(json.dumps, matter)).encode(), format="mattermost",
             rows={"activity": 2, "interactions": 2, "people": 2}, sums={("activity", "replies"): 1, ("activity", "reactions"): 1}),
        Case(name="pq.csv", raw=insights, format="viva_insights", variant="person", rows={"activity": 2, "people": 2}, sums={("activity", "posts"): 5}),
    ]  # fmt: skip


CASES = [
    *_surveys(),
    *lookalikes_surveys.cases(),
    *_channels(),
    *lookalikes_channels.cases(),
    *_internal(),
    *lookalikes_internal.cases(),
]


def nested_zip(depth: int) -> bytes:
    raw = b"a,b\n1,2\n"
    for level in range(depth):
        out = io.BytesIO()
        with zipfile.ZipFile(out, "w") as pack:
            pack.writestr(f"{level}.zip" if level else "x.csv", raw)
        raw = out.getvalue()
    return raw
