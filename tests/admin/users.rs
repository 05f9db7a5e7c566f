//! Users as operators find them, and what they do right now.

use serde_json::{Value, json};

use crate::rig::{Handset, Setup, expect_alive};
use crate::{ann, bob, town};

fn ids(page: &Value) -> Vec<&str> {
    let users = page["users"].as_array().expect("a list");
    let id = |user: &'_ Value| user["user_id"].as_str().expect("an id").to_owned();
    users.iter().map(id).map(|id| &*id.leak()).collect()
}

#[test]
fn users_are_found_by_how_something_begins() {
    let town = town(1);
    let (ann, bob) = (ann(&town), bob(&town));
    let wang = town.register("+447700900123", "王小明 Wang", "M");
    let operator = town.server.operator();
    let table = [
        ("", vec![&wang.id, &bob.id, &ann.id]),
        (&ann.id[..], vec![&ann.id]),
        (&bob.id[..10], vec![&bob.id]),
        ("%2B8618612344931", vec![&ann.id]),
        ("+8618612344932", vec![&bob.id]),
        ("186123449", vec![&ann.id, &bob.id]),
        ("%2B44", vec![&wang.id]),
        ("18612344939", vec![]),
        ("AN", vec![&ann.id]),
        ("b", vec![&bob.id]),
        ("%E7%8E%8B", vec![&wang.id]),
        ("nn", vec![]),
        ("%25", vec![]),
        ("_", vec![]),
        ("'", vec![]),
    ];
    for (q, wanted) in table {
        // A plus that is meant as one is written so.
        let q = q.replace('+', "%2B");
        let page = operator.get(&format!("/admin/users?q={q}"));
        assert_eq!(ids(&page), wanted, "{q}");
    }
    let page = operator.get("/admin/users?limit=1");
    assert_eq!(ids(&page), [&wang.id]);
    let found = &operator.get(&format!("/admin/users?q={}", ann.id))["users"][0];
    assert_eq!(found["tel"], ann.tel.as_str());
    assert_eq!(
        (&found["nickname"], &found["gender"]),
        (&json!("ann"), &json!("F"))
    );
    assert!(found["registered_at"].is_i64() && found["ban"].is_null());
    operator.post("/admin/bans", json!({"tel": ann.tel, "seconds": 1000}));
    let found = &operator.get("/admin/users?q=ann")["users"][0];
    assert!(found["ban"]["banned_until_at"].is_i64(), "{found}");
    operator.refused(3, "GET", "/admin/users?limit=51", Value::Null);
}

#[test]
fn a_users_page_tells_all_that_is_known() {
    crate::rig::both(|cores| {
        let town = town(cores);
        let (ann, bob) = (ann(&town), bob(&town));
        let operator = town.server.operator();
        let page = || operator.get(&format!("/admin/users/{}", ann.id));
        let before = page();
        assert_eq!(before["user"]["nickname"], "ann");
        assert_eq!(
            (&before["online"], &before["live"]),
            (&json!(false), &Value::Null)
        );
        assert_eq!(
            (&before["bans"], &before["reports"]),
            (&json!([]), &json!([]))
        );

        let mut woman = town.join(&ann, "F", &ann.token);
        woman.expect(2);
        let live = page()["live"].clone();
        assert_eq!(
            (&live["gender"], &live["findGender"]),
            (&json!("F"), &json!("M"))
        );
        assert_eq!(
            live["waiting_since_at"].as_array().expect("a list").len(),
            1
        );
        assert_eq!(live["talks"], json!([]));
        let mut man = town.join(&bob, "M", &bob.token);
        let begun = man.expect_past_waits(5);
        woman.expect_past_waits(5);
        let shown = page();
        assert_eq!(shown["online"], true);
        let talk = &shown["live"]["talks"][0];
        assert_eq!(talk["user_id"], bob.id.as_str());
        assert_eq!(talk["talkId"], begun["talkId"]);
        assert!(talk["began_at"].is_i64() && talk["began"].is_string());
        assert_eq!(shown["live"]["waiting_since_at"], json!([]));

        town.done(json!({
            "type": "report_request", "token": bob.token, "user_id": ann.id, "reason": "x",
        }));
        let ban = json!({"user_id": ann.id});
        let id = operator.post("/admin/bans", ban)["ban"]["id"].clone();
        operator.delete(&format!("/admin/bans/{id}"));
        let after = page();
        assert_eq!(after["online"], false);
        assert_eq!(after["reports"][0]["by"], bob.id.as_str());
        assert!(after["bans"][0]["lifted_at"].is_i64());
    });
}

#[test]
fn whoever_is_not_registered_has_a_page_as_well() {
    let server = Setup::new(2).operated().start();
    let operator = server.operator();
    let unknown = operator.get("/admin/users/nobody");
    assert_eq!(
        (&unknown["user"], &unknown["online"]),
        (&Value::Null, &json!(false))
    );
    let mut handset = Handset::connect(&server);
    handset.join_with(&json!({
        "userId": "<b>玛丽/#?", "nickname": "\"</script>", "gender": "F", "findGender": "F", "guys": 3,
    }));
    handset.expect(2);
    let path = "/admin/users/%3Cb%3E%E7%8E%9B%E4%B8%BD%2F%23%3F";
    let page = operator.get(path);
    assert_eq!(page["user_id"], "<b>玛丽/#?");
    assert_eq!(page["live"]["nickname"], "\"</script>");
    assert_eq!(page["live"]["guys"], 3);
    let long = format!("/admin/users/{}", "x".repeat(65));
    operator.refused(3, "GET", &long, Value::Null);
}

#[test]
fn whoever_is_kicked_may_come_again() {
    crate::rig::both(|cores| {
        let town = town(cores);
        let ann = ann(&town);
        let operator = town.server.operator();
        let mut handset = town.join(&ann, "F", &ann.token);
        handset.expect(2);
        let mut other = Handset::connect(&town.server);
        other.join("eve", "F", "F");
        other.expect(2);
        operator.post(&format!("/admin/users/{}/kick", ann.id), Value::Null);
        let told = handset.expect_past_waits(0);
        assert_eq!(
            (&told["error"], &told["msgType"]),
            (&json!("kicked"), &Value::Null)
        );
        handset.expect_closed();
        expect_alive(&mut other);
        assert!(town.is_good(&ann.token), "nothing else has changed");
        town.join(&ann, "F", &ann.token).expect(2);
        let deed = operator.last_deed();
        assert_eq!(
            (&deed["action"], &deed["about"]),
            (&json!("kick"), &json!(ann.id))
        );
        // Whoever is not there does not mind.
        operator.post("/admin/users/nobody/kick", Value::Null);
    });
}
