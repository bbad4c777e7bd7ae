# ruff: noqa: E501 (headers of exports are as long as they are)
"""Further look-alikes of external channels: every generation of columns, other languages, old containers."""

from smf_helpers.ingest.sample.containers import workbook, zipped
from tests.ingest.biff import xls
from tests.ingest.cases import BOM, Case, text

ABOUT = "Aggregated engagement metrics for your organic and sponsored updates over time. Date indicates when your updates were viewed by LinkedIn members. All dates and times are in UTC."
EACH = "Engagement metrics for individual updates. Created date indicates the date the update was created. All dates and times are in UTC."


def _card(*lines: str) -> bytes:
    return ("\ufeff" + "\r\n".join(("sep=,", *lines)) + "\r\n").encode("utf-16-le")


def _meta() -> list[Case]:
    facebook = BOM + text(
        """
"Post ID","Page ID","Page name",Title,Description,"Duration (sec)","Publish time","Caption type",Permalink,"Is crosspost","Is share","Post type",Languages,"Custom labels","Funded content status","Data comment",Date,Views,Reach,"Reactions, Comments and Shares",Reactions,Comments,Shares,"Total clicks","Link Clicks",Views,"Estimated earnings (USD)"
122158000000000001,333,Acme,,"Two
lines, and a comma",0,"02/16/2025 05:14",,https://f/1,0,0,Photos,,,,,Lifetime,900,700,12,9,2,1,30,4,900,0
122158000000000002,333,Acme,,Video,61,"07/16/2025 05:14",,https://f/2,0,0,Videos,,,,,Lifetime,100,90,3,3,0,0,5,0,100,0
,,,,,,,,,,,,,,,"An error occurred while fetching data",,,,,,,,,,,
"""
    )
    older = BOM + text(
        """
"Post ID","Page ID","Page name",Title,Description,"Duration (sec)","Publish time",Permalink,"Post type","Data comment",Date,Impressions,IMPRESSION:UNIQUE_USERS,Reactions,Comments,Shares,"Negative feedback from users: Hide all"
122158000000000003,333,Acme,,Old,0,"11/05/2023 01:30",https://f/3,Photos,,Lifetime,50,40,1,0,0,0
"""
    )
    instagram = BOM + text(
        """
"Post ID","Account ID","Account username","Account name",Description,"Duration (sec)","Publish time",Permalink,"Post type","Data comment",Date,Views,Reach,Likes,Shares,Comments,Saves,Follows
18012345678901234,17841400000000001,acme,Acme,Reel,20,"06/01/2025 12:00",https://i/1,"IG reel",,Lifetime,1500,1200,80,4,6,9,3
18012345678901235,17841400000000001,acme,Acme,Image,0,"06/02/2025 12:00",https://i/2,"IG image",,Lifetime,500,400,20,1,2,3,0
"""
    )
    finnish = BOM + text(
        """
"Julkaisun tunnus","Tilin tunnus",Kuvaus,Julkaisuaika,"Pysyvä linkki",Julkaisutyyppi,Päivämäärä,Näyttökerrat,Kattavuus,Tykkäykset,Kommentit,Jaot,Tallennukset
18012345678901236,17841400000000001,Kuva,"06/02/2025 12:00",https://i/3,"IG image",Elinikä,500,400,20,2,1,3
"""
    )
    cards = _card(
        '"Facebook reach"', '"Date","Primary"', '"2025-03-08T00:00:00","5"', '"2025-03-09T00:00:00","7"', '"2025-03-10T01:00:00","9"',
        "", '"Instagram reach"', '"Date","Primary"', '"2025-03-09T00:00:00","100"', '"2025-03-10T01:00:00","50"',
    )  # fmt: skip
    repeated = _card(
        '"Instagram profile visits"', '"Date","Instagram profile visits"', '"2023-05-01T00:00:00","3"'
    )
    audience = _card(
        '"Facebook followers"', "", '"Age & gender"', '"","Women","Men"', '"18-24","26.2%","10%"', "", '"Top cities"',
        '"Helsinki, Finland","Oulu, Finland"', '"12.5","3.1"', "", '"Top countries"', '"Finland","Sweden"', '"90","4"',
    )  # fmt: skip
    italian = _card('"Paesi principali"', '"","Valore"', '"Italia","62,1%"', '"Svizzera","2,1%"')
    return [
        Case(name="Jan-14-2025_Apr-14-2025_1396269028466733.csv", raw=facebook, format="meta_posts", variant="Facebook posts", rows={"posts": 2},
             sums={("posts", "impressions"): 1000, ("posts", "reach"): 790, ("posts", "reactions"): 12, ("posts", "clicks"): 35},
             first={("posts", "post"): "122158000000000001", ("posts", "published_at"): "2025-02-16 13:14:00+00:00",
                    ("posts", "definition_version"): "meta-views", ("posts", "channel"): "facebook"}),
        Case(name="fb2023.csv", raw=older, format="meta_posts", rows={"posts": 1}, sums={("posts", "impressions"): 50, ("posts", "reach"): 40},
             first={("posts", "published_at"): "2023-11-05 08:30:00+00:00", ("posts", "definition_version"): "meta-impressions"}),
        Case(name="ig.csv", raw=instagram, format="meta_posts", variant="Instagram posts", rows={"posts": 2},
             sums={("posts", "impressions"): 2000, ("posts", "saves"): 12, ("posts", "comments"): 8, ("posts", "shares"): 5},
             first={("posts", "post"): "18012345678901234", ("posts", "kind"): "IG reel", ("posts", "channel"): "instagram"}),
        Case(name="ig-fi.csv", raw=finnish, format="meta_posts", variant="Instagram posts", rows={"posts": 1},
             sums={("posts", "reactions"): 20, ("posts", "saves"): 3}),
        Case(name="Reach (1).csv", raw=cards, format="meta_cards", rows={"channel_days": 5}, sums={("channel_days", "value"): 171},
             first={("channel_days", "date"): "2025-03-08 00:00:00", ("channel_days", "grain"): "flow", ("channel_days", "channel"): "facebook"}),
        Case(name="Visits.csv", raw=repeated, format="meta_cards", rows={"channel_days": 1}, first={("channel_days", "metric"): "visits"}),
        Case(name="Audience.csv", raw=audience, format="meta_audience"),
        Case(name="Pubblico.csv", raw=italian, format="meta_audience"),
    ]  # fmt: skip


def _facebook() -> list[Case]:
    pairs = text(
        """
Post ID,Permalink,Post Message,Type,Countries,Languages,Posted,Audience Targeting,Lifetime Post Total Reach,Lifetime Post Total Impressions,Lifetime Organic views to 95%,Lifetime Organic views to 95%
,,,,,,,,Lifetime: the number of people,Lifetime: the number of times,Lifetime: views (Unique Users),Lifetime: views (Total Count)
333_1,https://f/1,One,Photo,,,05/01/2018 05:14:00 AM,,500,900,3,4
333_2,https://f/2,Two,Photo,,,12/31/2018 11:14:00 PM,,5,9,0,0
"""
    )
    words = workbook(
        {
            "Key Metrics": [
                ["Date", "Lifetime Total Likes", "Daily New Likes", "Daily Total Reach", "Weekly Total Reach", "28 Days Total Reach"],
                ["", "Lifetime: people", "Daily: people", "Daily: people", "Weekly: people", "28 Days: people"],
                ["2018-05-01", 1000, 3, 50, 200, 700],
                ["2018-05-02", 1002, 2, 60, 210, 705],
            ]
        }
    )  # fmt: skip
    broken = (
        b'<?xml version="1.0"?><Workbook xmlns="urn:schemas-microsoft-com:office:spreadsheet" xmlns:ss="urn:schemas-microsoft-com:office:spreadsheet">'
        b'<Worksheet ss:Name="Key Metrics"><Table>'
        + b"".join(
            b"<Row>" + b"".join(b'<Cell><Data ss:Type="String">' + cell + b"</Data></Cell>" for cell in row) + b"</Row>"
            for row in (
                [b"Post ID", b"Permalink", b"Post Message", b"Posted", b"Lifetime Post Total Reach", b"Lifetime Post Total Impressions"],
                [b"333_1", b"https://f/1", b"R\xe4ksm\xf6rg\xe5s & <3", b"05/01/2018 05:14:00 AM", b"500", b"900"],
            )
        )
        + b"</Table></Worksheet></Workbook>"
    )  # fmt: skip
    return [
        Case(name="pairs.csv", raw=pairs, format="facebook_legacy", variant="posts", rows={"posts": 2}, sums={("posts", "reach"): 505},
             first={("posts", "post"): "333_1", ("posts", "published_at"): "2018-05-01 12:14:00+00:00"}),
        Case(name="page.xlsx", raw=words, format="facebook_legacy", variant="days", rows={"channel_days": 10},
             sums={("channel_days", "value"): 2002 + 5 + 110 + 410 + 1405}),
        Case(name="broken.xls", raw=broken, format="facebook_legacy", variant="posts", rows={"posts": 1}, sums={("posts", "impressions"): 900}),
    ]  # fmt: skip


def _linkedin() -> list[Case]:
    days = ["Date", "Impressions (organic)", "Impressions (sponsored)", "Impressions (total)", "Unique impressions (organic)",
            "Clicks (organic)", "Clicks (sponsored)", "Clicks (total)", "Reactions (total)", "Comments (total)", "Reposts (total)",
            "Engagement rate (total)"]  # fmt: skip
    posts = ["Post title", "Post link", "Post type", "Campaign name", "Posted by", "Created date", "Audience", "Impressions", "Views",
             "Off-site views", "Clicks", "Click through rate (CTR)", "Likes", "Comments", "Reposts", "Follows", "Engagement rate", "Content Type"]  # fmt: skip
    content = xls(
        {
            "Metrics": [[ABOUT], days, ["03/14/2025", 90, 10, 100, 70, 5, 1, 6, -1, 2, 0, 0.08], ["03/15/2025", 50, 0, 50, 40, 2, 0, 2, 3, 0, 1, 0.12]],
            "All posts": [[EACH], posts, ["Hi", "https://l/1", "Organic", "", "Ann", "03/14/2025", "All", 150, "", "", 8, 0.05, 4, 2, 1, 0, 0.1, "Video"],
                          ["Ad", "https://l/2", "Sponsored", "Spring", "Ann", 44008, "All", 30, "", "", 1, 0.03, 0, 0, 0, 0, 0.03, ""]],
        }
    )  # fmt: skip
    older = xls(
        {
            "Update metrics (aggregated)": [[ABOUT], [name.replace("Reposts", "Shares") for name in days], ["07/01/2020", 9, 0, 9, 7, 1, 0, 1, 1, 0, 0, 0.2]],
            "Update engagement": [[EACH], ["Update title", "Update link", "Update type", "Campaign name", "Posted by", "Created date", "Campaign start date",
                                  "Campaign end date", "Audience", "Impressions", "Video views", "Clicks", "Click through rate (CTR)", "Likes", "Comments",
                                  "Shares", "Follows", "Engagement rate"],
                                  ["Old", "https://l/0", "Organic", "", "Ann", "07/01/2020", "", "", "All", 9, 0, 1, 0.1, 1, 0, 0, 0, 0.2]],
        }
    )  # fmt: skip
    followers = xls(
        {
            "New followers": [["Date", "Sponsored followers", "Organic followers", "Auto-invited followers", "Total followers"],
                              ["03/14/2025", 0, 4, 1, 5], ["03/15/2025", 2, 1, 0, 3]],
            "Location": [["Location", "Total followers"], ["Helsinki", 40]],
            "Seniority": [["Seniority", "Total followers"]],
        }
    )  # fmt: skip
    visitors = xls(
        {
            "Visitor metrics": [
                ["Date", "Overview page views (desktop)", "Overview page views (mobile)", "Overview page views (total)",
                 "Total page views (desktop)", "Total page views (mobile)", "Total page views (total)", "Total unique visitors (total)"],
                ["03/14/2025", 1, 2, 3, 4, 5, 9, 7], ["03/15/2025", 1, 1, 2, 2, 2, 4, 4],
            ],
            "Location": [["Location", "Total views"], ["Helsinki", 12]],
        }
    )  # fmt: skip
    portuguese = workbook(
        {
            "Métricas": [["Relatório agregado"], ["Data", "Impressões (orgânicas)", "Impressões (total)", "Impressões únicas (orgânicas)", "Cliques (total)",
                         "Reações (total)", "Comentários (total)", "Compartilhamentos (total)"], ["03/14/2025", 90, 100, 70, 6, 5, 2, 1]],
            "Publicações": [["Relatório"], ["Título da publicação", "Link da publicação", "Tipo de publicação", "Nome da campanha", "Publicada por", "Criação",
                            "Público", "Impressões", "Visualizações", "Cliques", "Gostaram", "Comentários", "Compartilhamentos"],
                            ["Oi", "https://l/9", "Orgânica", "", "Ana", "03/14/2025", "", 100, 0, 6, 5, 2, 1]],
        }
    )  # fmt: skip
    return [
        Case(name="content.xls", raw=content, format="linkedin_page", variant="content", rows={"posts": 2, "channel_days": 12},
             sums={("posts", "impressions"): 180, ("posts", "reactions"): 4, ("posts", "shares"): 1, ("posts", "paid"): 1,
                   ("channel_days", "value"): 150 + 110 + 8 + 2 + 2 + 1},
             first={("posts", "published_at"): "2025-03-14 00:00:00+00:00", ("channel_days", "date"): "2025-03-14 00:00:00"}),
        Case(name="content 2020.xls", raw=older, format="linkedin_page", variant="content", rows={"posts": 1, "channel_days": 6},
             sums={("posts", "impressions"): 9}, first={("posts", "published_at"): "2020-07-01 00:00:00+00:00"}),
        Case(name="followers.xls", raw=followers, format="linkedin_page", variant="followers", rows={"channel_days": 4},
             sums={("channel_days", "value"): 8 + 2}, first={("channel_days", "grain"): "flow"}),
        Case(name="visitors.xls", raw=visitors, format="linkedin_page", variant="visitors", rows={"channel_days": 4},
             sums={("channel_days", "value"): 13 + 11}),
        Case(name="pt.xlsx", raw=portuguese, format="linkedin_page", variant="content", rows={"posts": 1, "channel_days": 6},
             sums={("posts", "reactions"): 5, ("channel_days", "value"): 184}),
    ]  # fmt: skip


def _others() -> list[Case]:
    portuguese = text(
        """
"id do Tweet","link permanente do Tweet","texto do Tweet","horário","impressões","engajamentos","taxa de engajamento","retweets","respostas","favoritos","cliques no perfil do usuário:"
"1388000000000000003","https://twitter.com/a/status/3","Oi","2021-04-30 09:32 +0000","75.0","2.0","0.02","1.0","0.0","1.0","1.0"
"""
    )
    newest = text(
        """
Post id,Date,Post text,Post Link,Impressions,Likes,Engagements,Bookmarks,Shares,New follows,Replies,Reposts,Profile visits,Detail Expands,URL Clicks,Hashtag Clicks,Permalink Clicks
1986000000000000001,"Sat, Aug 1, 2026",Hi,https://x.com/a/status/1,400,5,9,2,0,0,1,1,3,0,2,0,0
1986000000000000002,"Sun, Aug 2, 2026",Ho,https://x.com/a/status/2,100,1,2,0,0,0,0,0,1,0,0,0,0
"""
    )
    weekday = text(
        """
Post id,Date,Post text,Link,Impressions,Likes,Engagements,Bookmarks,Share,New follows,Replies,Reposts,Profile visits,Detail expands,Url clicks,Hashtag clicks,Permalink clicks
1886000000000000002,Mon Feb 03 2025,Hi,https://x.com/a/status/2,40,5,9,2,0,0,1,1,3,0,2,0,0
"""
    )
    youtube = zipped(
        {
            "Table data.csv": b'Content,Video title,Video publish time,Duration,Views,Watch time (hours),Subscribers,Impressions,Impressions click-through rate (%)\nTotal,,,,412,30,5,900,4.2\nabcdefghijk,One,"Jan 15, 2025",61,300,20,3,800,4.1\nabcdefghij2,Two,"Jul 15, 2025",30,100,,,,\n',
            "Totals.csv": b"Date,Views\n2025-06-13,400\n2025-06-14,12\n",
            "Chart data.csv": b"Date,Content,Video title,Views\n2025-06-13,abcdefghijk,One,4\n",
        }
    )
    older = text(
        'Video,Video title,Video publish time,Views,Likes,Shares\nTotal,,,50,3,1\nabcdefghij3,Old,"Aug 19, 2011",40,3,1'
    )
    business = text(
        """
Date,Video views,Reached audience,Profile views,Likes,Shares,Comments,Phone number clicks ,Leads submission,Net growth,New followers,Lost followers
2025/10/30,100,80,5,7,1,2,0,0,3,4,1
2025/10/31,50,--,2,NAN,0,0,0,0,-1,1,2
"""
    )
    followers = BOM + text(
        '"Date","Followers","Difference in followers from previous day"\n"December 31","500","3"\n"January 1","505","5"'
    )
    studio = BOM + text(
        '"Time","Video title","Video link","Post time","Total likes","Total comments","Total shares","Total views"\n"January 5","A","https://t/1","December 31","7","1","0","100"'
    )
    blocks = text(
        """
# ----------------------------------------
# Pages
# ----------------------------------------
#
# Start date: 20250301
# End date: 20250302
Date,Active users,Event count
20250302,5,50
20250301,4,40
,9,90

# Start date: 20250301
Country,Active users
Finland,9
"""
    )
    campaigns = text(
        """
Campaign Name,Ends,Campaign ID,Impressions,Link Clicks
,,,300,9
Spring,Ongoing,12,300,9
"""
    )
    sprout = text(
        """
"Date","Post ID","Network","Post Type","Content Type","Profile","Sent by","Link","Post","Linked Content","Impressions","Reach","Reactions","Comments","Shares"
"01/05/2026 12:05 am","p3","Instagram","Post","Photo","'@acme","","https://i","Hi","","2,500","","50","3","0"
"01/05/2026 9:50 pm","p4","Facebook","Post","Text","'@acme","","https://f","Hi","","1,000","900","5","0","1"
"""
    )
    return [
        Case(name="x-pt.csv", raw=portuguese, format="x", variant="tweets", rows={"posts": 1}, sums={("posts", "reactions"): 1, ("posts", "shares"): 1},
             first={("posts", "published_at"): "2021-04-30 09:32:00+00:00", ("posts", "definition_version"): "twitter-impressions"}),
        Case(name="x-2026.csv", raw=newest, format="x", variant="content", rows={"posts": 2}, sums={("posts", "impressions"): 500, ("posts", "clicks"): 2},
             first={("posts", "published_at"): "2026-08-01 00:00:00+00:00", ("posts", "post"): "1986000000000000001"}),
        Case(name="x-2025.csv", raw=weekday, format="x", variant="content", rows={"posts": 1},
             first={("posts", "published_at"): "2025-02-03 00:00:00+00:00"}),
        Case(name="yt-en.zip", raw=youtube, format="youtube_studio", variant="zip", rows={"posts": 2, "channel_days": 2},
             sums={("posts", "impressions"): 400, ("channel_days", "value"): 412}, first={("posts", "published_at"): "2025-01-15 08:00:00+00:00"}),
        Case(name="yt-old.csv", raw=older, format="youtube_studio", variant="table data", rows={"posts": 1}, sums={("posts", "impressions"): 40}),
        Case(name="tiktok-business.csv", raw=business, format="tiktok", variant="days", rows={"channel_days": 14},
             sums={("channel_days", "value"): 150 + 80 + 7 + 7 + 1 + 2 + 5 + 3}, first={("channel_days", "date"): "2025-10-30 00:00:00"}),
        Case(name="Followers_2025-01-01.csv", raw=followers, format="tiktok", variant="followers", rows={"channel_days": 4},
             sums={("channel_days", "value"): 1005 + 8}, first={("channel_days", "date"): "2024-12-31 00:00:00", ("channel_days", "grain"): "stock"}),
        Case(name="Content_2025-01-05.csv", raw=studio, format="tiktok", variant="videos", rows={"posts": 1}, sums={("posts", "impressions"): 100},
             first={("posts", "published_at"): "2024-12-31 00:00:00+00:00"}),
        Case(name="ga-blocks.csv", raw=blocks, format="google_analytics", rows={"channel_days": 4}, sums={("channel_days", "value"): 99},
             first={("channel_days", "date"): "2025-03-02 00:00:00"}),
        Case(name="ads-2017.csv", raw=campaigns, format="meta_ads"),
        Case(name="sprout-2026.csv", raw=sprout, format="sprout_social", variant="posts", rows={"posts": 2}, sums={("posts", "impressions"): 3500},
             first={("posts", "published_at"): "2026-01-05 00:05:00+00:00", ("posts", "channel"): "instagram"}),
    ]  # fmt: skip


def cases() -> list[Case]:
    """Give them."""
    return [*_meta(), *_facebook(), *_linkedin(), *_others()]
