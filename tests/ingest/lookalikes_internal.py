# ruff: noqa: E501 (headers of exports are as long as they are)
"""Further look-alikes of internal platforms: every generation of columns, concealed names, whole exports."""

import gzip
import json

from smf_helpers.ingest.sample.containers import zipped
from tests.ingest.cases import BOM, Case, text


def _m365() -> list[Case]:
    concealed = BOM + text(
        """
Report Refresh Date,User Principal Name,Display Name,User State,State Change Date,Last Activity Date,Posted Count,Read Count,Liked Count,Assigned Products,Report Period
2025-03-10,0123456789ABCDEF0123456789ABCDEF,AB12,active,,2025-03-09,3,20,5,ENTERPRISE MOBILITY + SECURITY E5+OFFICE 365 E3,30
2025-03-10,1123456789ABCDEF0123456789ABCDEF,CD34,deleted,2025-03-01,2025-02-28,1,0,0,,30
"""
    ).replace(b"\n", b"\r\n")
    teams = BOM + text(
        """
Report Refresh Date,Tenant Display Name,Shared Channel Tenant Display Names,User Id,User Principal Name,Last Activity Date,Is Deleted,Deleted Date,Assigned Products,Team Chat Message Count,Private Chat Message Count,Call Count,Meeting Count,Meetings Organized Count,Meetings Attended Count,Ad Hoc Meetings Organized Count,Ad Hoc Meetings Attended Count,Scheduled One-time Meetings Organized Count,Scheduled One-time Meetings Attended Count,Scheduled Recurring Meetings Organized Count,Scheduled Recurring Meetings Attended Count,Audio Duration,Video Duration,Screen Share Duration,Audio Duration In Seconds,Video Duration In Seconds,Screen Share Duration In Seconds,Has Other Action,Urgent Messages,Post Messages,Reply Messages,Is Licensed,Report Period
2025-03-10,Acme,,u1,ann@acme.example,2025-03-09,False,,OFFICE 365 E3,7,20,5,9,1,8,0,0,1,8,0,0,PT1H2M3S,PT0S,PT0S,3723,0,0,Yes,0,3,4,Yes,7
2025-03-10,Acme,,u2,ANN2@acme.example,2025-03-09,False,,OFFICE 365 E3,0,20,5,9,1,8,0,0,1,8,0,0,PT1H2M3S,PT0S,PT0S,3723,0,0,Yes,0,0,0,Yes,7
2025-03-10,Acme,,u3,guest_mail.example#EXT#@acme.example,2025-03-09,False,,,2,1,0,0,0,0,0,0,0,0,0,0,PT0S,PT0S,PT0S,0,0,0,No,0,1,1,No,7
"""
    )
    groups = BOM + text(
        """
Report Refresh Date,Group Display Name,Is Deleted,Owner Principal Name,Last Activity Date,Group Type,Office 365 Connected,Member Count,Posted Count,Read Count,Liked Count,Report Period
2025-03-10,All staff,False,ann@acme.example,2025-03-09,public,True,50,10,400,30,30
"""
    )
    days = BOM + text(
        """
Report Refresh Date,Report Date,Team Chat Messages,Private Chat Messages,Calls,Meetings,Other Actions,Report Period
2025-03-10,2025-03-09,10,20,3,4,5,7
"""
    )
    return [
        Case(name="YammerActivityUserDetail.csv", raw=concealed, format="m365_usage", variant="Yammer users", rows={"activity": 2, "people": 2},
             sums={("activity", "posts"): 4, ("activity", "window_days"): 60}, first={("activity", "week"): "2025-03-10 00:00:00"}),
        Case(name="TeamsUserActivity.csv", raw=teams, format="m365_usage", variant="Teams users", rows={"activity": 1, "people": 3},
             sums={("activity", "posts"): 3, ("activity", "replies"): 4}, first={("activity", "actor"): "ann@acme.example"}),
        Case(name="YammerGroups.csv", raw=groups, format="m365_usage", variant="groups"),
        Case(name="TeamsCounts.csv", raw=days, format="m365_usage", variant="counts by day"),
    ]  # fmt: skip


def _engage() -> list[Case]:
    head = "id,replied_to_id,parent_id,thread_id,conversation_id,group_id,group_name,participants,in_private_group,in_private_conversation,sender_id,sender_type,sender_name,sender_email,delegate_id,body,html_body,api_url,attachments,deleted_by_id,deleted_by_type,created_at,deleted_at,title,message_type,gdpr_delete_url"
    rows = [
        "101,null,,101,1,9,All staff,,false,false,1,user,Ann,ANN@acme.example,,hi [[user:2]] \\n bye,,,uploadedfile:1,,,2025-03-03T08:00:00.000Z,,,update,",
        "102,101,101,101,1,9,All staff,,false,false,2,user,Bob,bob@acme.example,,yes,,,,,,2025-03-03T09:00:00.000Z,,,update,",
        "103,null,,103,2,8,Board,,true,false,1,user,Ann,ANN@acme.example,,x,,,,,,2025-03-04T08:00:00.000Z,,,update,",
        "104,null,,104,3,,,user:1,false,true,1,user,Ann,ANN@acme.example,,secret,,,,,,2025-03-04T08:00:00.000Z,,,update,",
        "105,null,,105,4,9,All staff,,false,false,1,user,Ann,ANN@acme.example,,gone,,,,1,user,2025-03-05T08:00:00.000Z,2025-03-06T08:00:00.000Z,,update,",
        "106,null,,106,5,9,All staff,,false,false,1,user,Ann,ANN@acme.example,,joined,,,,,,2025-03-05T08:00:00.000Z,,,system,",
        "107,null,,107,6,9,All staff,,false,false,7,bot,Bot,,,beep,,,,,,2025-03-05T08:00:00.000Z,,,update,",
    ]
    users = "id,name,email,job_title,location,department,joined_at,deleted_at,suspended_at,guid,state,api_url\n1,Ann,ANN@acme.example,Lead,Oulu,Sales,2024-05-01T00:00:00.000Z,,,g,active,\n2,Bob,bob@acme.example,,,Works,2024-06-01T00:00:00.000Z,,2025-01-01,g,suspended,\n"
    pack = zipped(
        {
            "Messages.csv": BOM + "\r\n".join([head, *rows, ""]).encode(),
            "Users.csv": BOM + users.encode(),
            "Groups.csv": b"id,name\n9,All staff\n",
            "Networks.csv": b"id,name\n1,acme.example\n",
            "log.txt": b"done",
            "request.txt": b"asked",
        }
    )
    return [
        Case(name="export-1741.zip", raw=pack, format="viva_engage", variant="network export", rows={"activity": 2, "interactions": 2, "people": 2},
             sums={("activity", "posts"): 2, ("activity", "replies"): 1, ("interactions", "open"): 2},
             first={("people", "unit"): "Sales", ("interactions", "target"): "ann@acme.example", ("activity", "week"): "2025-03-03 00:00:00"}),
    ]  # fmt: skip


def _slack() -> list[Case]:
    users = [
        {"id": "U1", "name": "ann", "profile": {"email": "Ann@acme.example"}},
        {"id": "U2", "name": "bob", "deleted": True, "profile": {"email": "bob@acme.example"}},
        {"id": "U3", "name": "gus", "is_restricted": True, "profile": {"email": "gus@agency.example"}},
        {"id": "B1", "name": "bot", "is_bot": True, "profile": {}},
    ]
    root = {"type": "message", "user": "U1", "text": "hi <@u2>", "ts": "1741000000.000100", "thread_ts": "1741000000.000100",
            "reactions": [{"name": "+1::skin-tone-2", "users": ["U2"], "count": 1}]}  # fmt: skip
    reply = {"type": "message", "user": "U2", "text": "ho", "ts": "1741090000.000200", "thread_ts": "1741000000.000100", "parent_user_id": "U1"}  # fmt: skip
    noise = [
        {
            "type": "message",
            "subtype": "channel_join",
            "user": "U1",
            "text": "joined",
            "ts": "1741000001.000100",
        },
        {
            "type": "message",
            "subtype": "tombstone",
            "user": "USLACKBOT",
            "text": "",
            "ts": "1741000002.000100",
        },
        {
            "type": "message",
            "subtype": "bot_message",
            "bot_id": "B9",
            "text": "beep",
            "ts": "1741000003.000100",
        },
        {"type": "message", "user": "U3", "text": "guest", "ts": "1741000004.000100"},
        reply | {"subtype": "thread_broadcast", "ts": "1741090000.000200"},
    ]
    pack = zipped(
        {
            "users.json": json.dumps(users).encode(),
            "channels.json": b'[{"id":"C1","name":"general"}]',
            "integration_logs.json": b"[]",
            "canvases.json": b"[]",
            "general/2025-03-03.json": json.dumps([root, *noise]).encode(),
            "general/2025-03-04.json": json.dumps([reply]).encode(),
        }
    )
    return [
        Case(name="acme Slack export.zip", raw=pack, format="slack_export", rows={"activity": 2, "interactions": 3, "people": 4},
             sums={("activity", "posts"): 1, ("activity", "replies"): 1, ("activity", "reactions"): 1},
             first={("activity", "actor"): "ann@acme.example", ("interactions", "kind"): "reply"}),
    ]  # fmt: skip


def _forums() -> list[Case]:
    discourse = text(
        """
id,name,username,email,title,created_at,last_seen_at,last_posted_at,last_emailed_at,trust_level,approved,suspended_at,suspended_till,silenced_till,active,admin,moderator,ip_address,staged,external_id,topics_entered,posts_read_count,time_read,topic_count,post_count,likes_given,likes_received,location,website,views,custom field,group_names
1,Ann,ann,Ann@acme.example,,2025-01-01 08:00:00 UTC,2025-03-01 08:00:00 UTC,,,2,true,,,,true,false,false,1.1.1.1,false,e1,5,50,100,2,9,4,3,,,1,x,staff
2,Bob,bob,bob@acme.example,,2025-01-01 08:00:00 UTC,2025-02-01 08:00:00 UTC,,,1,true,2025-02-02 08:00:00 UTC,,,true,false,false,1.1.1.1,false,e2,5,40,100,0,1,2,3,,,1,y
3,Mail,mail,mail@out.example,,2025-01-01 08:00:00 UTC,2025-02-01 08:00:00 UTC,,,0,true,,,,true,false,false,1.1.1.1,true,e3,0,0,0,0,1,0,0,,,1,z
"""
    )
    matter = [
        {"type": "version", "version": 1},
        {"type": "team", "team": {"name": "t"}},
        {"type": "channel", "channel": {"team": "t", "name": "board", "type": "P"}},
        {"type": "user", "user": {"username": "ann", "email": "Ann@acme.example"}},
        {"type": "user", "user": {"username": "bob", "email": "bob@acme.example", "delete_at": 1741000000000}},
        {"type": "user", "user": {"username": "robot", "email": "r@acme.example", "is_bot": True}},
        {"type": "post", "post": {"team": "t", "channel": "board", "user": "ann", "message": "hi @bob", "create_at": 1741000000000,
                                  "replies": [{"user": "bob", "message": "ho", "create_at": 1741000200000}]}},
        {"type": "post", "post": {"team": "t", "channel": "board", "user": "robot", "message": "beep", "create_at": 1741000000000}},
        {"type": "direct_post", "direct_post": {"channel_members": ["ann", "bob"], "user": "ann", "message": "psst", "create_at": 1741000000000}},
    ]  # fmt: skip
    return [
        Case(name="user-list.csv.gz", raw=gzip.compress(discourse), format="discourse", rows={"activity": 2, "people": 3},
             sums={("activity", "posts"): 10, ("activity", "reactions"): 6, ("activity", "reads"): 90},
             first={("people", "person"): "ann@acme.example", ("people", "joined_on"): "2025-01-01 00:00:00"}),
        Case(name="mattermost.jsonl", raw="\n".join(map(json.dumps, matter)).encode(), format="mattermost",
             rows={"activity": 2, "interactions": 2, "people": 3}, sums={("activity", "posts"): 1, ("activity", "replies"): 1, ("interactions", "open"): 0},
             first={("interactions", "at"): "2025-03-03 11:10:00+00:00"}),
    ]  # fmt: skip


def _insights() -> list[Case]:
    people = text(
        """
PersonId,MetricDate,Collaboration_hours,Chats_sent,Organization,LevelDesignation
p1,3/2/2025,10,3,IT,Level1
p1,3/16/2025,11,2,IT,Level1
p2,3/2/2025,10,0,Legal,Level2
"""
    )
    pairs = text(
        """
PrimaryCollaborator_PersonId,PrimaryCollaborator_Organization,SecondaryCollaborator_PersonId,SecondaryCollaborator_Organization,MetricDate,Diverse_tie_score
p1,IT,p2,Legal,2025-03-02,1
p2,Legal,p1,IT,2025-03-02,1
"""
    )
    groups = text(
        """
PrimaryCollaborator_Organization,PrimaryCollaborator_GroupSize,SecondaryCollaborator_Organization,SecondaryCollaborator_GroupSize,MetricDate,Meetings
IT,20,Legal,10,2025-03-02,4
"""
    )
    meetings = text(
        """
MeetingId,StartDate,EndDate,Attendee_meeting_hours,Organization
m1,2025-03-02,2025-03-02,4,IT
"""
    )
    return [
        Case(name="person.csv", raw=people, format="viva_insights", variant="person", rows={"activity": 2, "people": 2}, sums={("activity", "posts"): 5},
             first={("activity", "week"): "2025-02-24 00:00:00", ("people", "unit"): "IT"}),
        Case(name="p2p.csv", raw=pairs, format="viva_insights", variant="person to person", rows={"interactions": 2},
             first={("interactions", "target"): "p2"}),
        Case(name="g2g.csv", raw=groups, format="viva_insights", variant="group to group"),
        Case(name="meetings.csv", raw=meetings, format="viva_insights", variant="meetings"),
    ]  # fmt: skip


def cases() -> list[Case]:
    """Give them."""
    return [*_m365(), *_engage(), *_slack(), *_forums(), *_insights()]
