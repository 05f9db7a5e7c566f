//! How the page looks on a phone and at a desk, by day and by night.

use std::fs;
use std::path::Path;

use serde_json::json;

use super::{Desk, TOKEN, town};
use crate::browser::View;
use crate::generator::load;

const PARTS: [&str; 8] = [
    "live", "users", "reports", "bans", "draws", "words", "audit", "server",
];

#[test]
fn it_fits_and_is_kept_for_people_to_look_at() {
    let town = town();
    let operator = town.server.operator();
    let ann = town.register("+8618612344931", "ann", "F");
    let bob = town.register("+8618612344932", "张伟", "M");
    let picture = town.publish(&bob);
    for (key, id) in [("user_id", &bob.id), ("picture_id", &picture)] {
        town.done(json!({
            "type": "report_request", "token": ann.token, key: id, "reason": "rude",
        }));
    }
    operator.post("/admin/words", json!({"word": "笨蛋", "action": "mask"}));
    operator.post("/admin/lucky", json!({
        "id": "spring", "name": "Sony MN2 SmartWatch", "image": "", "desc": "參加者需至少達到3000人。", "max_count": 3000,
    }));
    operator.post(
        "/admin/bans",
        json!({"user_id": "mary", "seconds": 86_400, "reason": "spam"}),
    );
    let mut desk = Desk::open(&town);
    for view in views() {
        desk.shoot("login", view);
    }
    desk.log_in(TOKEN);
    desk.wait_text("#phase", "ready");
    let words = format!(
        "mix --chat {} --pairs 10 --rate 300 --duration 8s --warmup 200ms",
        town.server.chat
    );
    load(&words).fine();
    for part in PARTS {
        desk.go(part);
        if part == "users" {
            desk.click("#users td button.link");
            desk.wait("!document.getElementById('user').hidden");
        }
        for view in views() {
            desk.shoot(part, view);
        }
    }
    desk.browser
        .evaluate("localStorage.setItem('language', 'zh')");
    desk.browser
        .open(&format!("http://{}/admin/", town.server.http));
    desk.wait("document.documentElement.lang === 'zh-CN'");
    for part in PARTS {
        desk.go(part);
        for view in views() {
            desk.shoot(&format!("{part}-zh"), view);
        }
    }
    desk.is_calm(&town);
}

fn views() -> impl Iterator<Item = View> {
    let both = |width| ["light", "dark"].map(|scheme| View { width, scheme });
    [360, 390, 1280].into_iter().flat_map(both)
}

impl Desk {
    /// Nothing has to be scrolled sideways.
    #[track_caller]
    fn shoot(&mut self, name: &str, view: View) {
        self.browser.look(view);
        let width = self
            .browser
            .evaluate("document.documentElement.scrollWidth");
        assert_eq!(width, view.width, "{name}");
        // The curves are redrawn in the next frames.
        self.browser
            .evaluate("new Promise((tell) => setTimeout(tell, 150))");
        let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("pages");
        fs::create_dir_all(&folder).expect("the target directory is ours");
        let file = format!("admin-{name}-{}-{}.png", view.width, view.scheme);
        let picture = self.browser.screenshot();
        fs::write(folder.join(file), picture).expect("the target directory is ours");
    }
}
