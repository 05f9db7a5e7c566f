//! The feed against a naive model: users do whatever comes to their mind, and
//! after each thing somebody looks.

use serde_json::{Value, json};

use crate::people::{
    add_users, block, comment_of, feed, on_picture, plain, server, text, upload_of, user_id,
};
use crate::rig::Server;
use crate::rig::http::ask;

const USERS: [&str; 4] = ["ann", "bob", "cat", "dan"];
const STEPS: usize = 250;

struct Picture {
    id: String,
    owner: &'static str,
    words: String,
    likes: Vec<&'static str>,
    comments: Vec<Comment>,
}

struct Comment {
    id: String,
    author: &'static str,
    text: String,
    answers: Vec<Comment>,
}

/// Oldest first.
#[derive(Default)]
struct Model {
    pictures: Vec<Picture>,
    blocks: Vec<(&'static str, &'static str)>,
}

impl Model {
    fn apart(&self, a: &str, b: &str) -> bool {
        self.blocks.contains(&(a, b)) || self.blocks.contains(&(b, a))
    }

    /// The place of a picture that a user may see.
    fn seen(&self, user: &str, id: &str) -> Option<usize> {
        let place = self.pictures.iter().position(|it| it.id == id)?;
        (!self.apart(user, self.pictures[place].owner)).then_some(place)
    }

    fn page(
        &self,
        viewer: &str,
        before: Option<usize>,
        limit: usize,
        owner: Option<&str>,
    ) -> Vec<Value> {
        let end = before.unwrap_or(self.pictures.len());
        let wanted = self.pictures[..end].iter().rev().filter(|it| {
            !self.apart(viewer, it.owner) && owner.is_none_or(|owner| owner == it.owner)
        });
        wanted
            .take(limit)
            .map(|it| self.entry(viewer, it))
            .collect()
    }

    fn entry(&self, viewer: &str, it: &Picture) -> Value {
        let seen = |comment: &&Comment| !self.apart(viewer, comment.author);
        let answer = |it: &Comment| {
            json!({"comment_response_id": it.id, "comment_response_own": it.author,
                   "comment_response_msg": it.text})
        };
        let comments: Vec<_> = it
            .comments
            .iter()
            .filter(seen)
            .map(|it| {
                let answers: Vec<_> = it.answers.iter().filter(seen).map(answer).collect();
                json!({"comment_id": it.id, "comment_own": it.author, "comment_msg": it.text,
                   "comment_own_id": user_id(it.author), "comment_response": answers})
            })
            .collect();
        json!({"picture_id": it.id, "picture_words": it.words, "picture_owner": it.owner,
               "picture_owner_id": user_id(it.owner),
               "picture_content": format!("/uploads/{}.jpeg", it.id),
               "picture_like_num": it.likes.len().to_string(),
               "liked": it.likes.contains(&viewer), "picture_comment": comments})
    }
}

/// Somebody who acts on the server and on the model alike.
struct Play<'a> {
    server: &'a Server,
    model: Model,
    random: fastrand::Rng,
    picture: Vec<u8>,
}

impl Play<'_> {
    fn user(&mut self) -> &'static str {
        USERS[self.random.usize(..USERS.len())]
    }

    /// Mostly one that there is.
    fn picture(&mut self) -> String {
        match self.random.usize(..self.model.pictures.len() + 1) {
            0 => "999999".to_owned(),
            place => self.model.pictures[place - 1].id.clone(),
        }
    }

    #[track_caller]
    fn ask(&self, request: Value, error_no: u16) -> Value {
        let reply = ask(self.server, request.clone());
        assert_eq!(reply["error_no"], error_no, "{request} {reply}");
        reply
    }

    fn publish(&mut self) {
        let (owner, words) = (self.user(), format!("words {}", self.random.u32(..)));
        let reply = self.ask(upload_of(owner, &words, &self.picture), 0);
        let id = text(&reply["picture_id"]);
        let (likes, comments) = (Vec::new(), Vec::new());
        self.model.pictures.push(Picture {
            id,
            owner,
            words,
            likes,
            comments,
        });
    }

    fn like(&mut self, on: bool) {
        let (user, id) = (self.user(), self.picture());
        let seen = self.model.seen(user, &id);
        let what = if on { "like" } else { "unlike" };
        let reply = self.ask(
            on_picture(what, user, &id),
            if seen.is_some() { 0 } else { 9 },
        );
        if let Some(place) = seen {
            let likes = &mut self.model.pictures[place].likes;
            likes.retain(|it| *it != user);
            if on {
                likes.push(user);
            }
            assert_eq!(reply["picture_like_num"], likes.len().to_string());
        }
    }

    fn comment(&mut self) {
        let (user, id, words) = (
            self.user(),
            self.picture(),
            format!("said {}", self.random.u32(..)),
        );
        let answers = self.random.bool().then(|| self.any_comment()).flatten();
        let thread = match (&answers, self.model.seen(user, &id)) {
            (_, None) => Err(()),
            (None, Some(place)) => Ok((place, None)),
            (Some(comment), Some(place)) => self
                .thread(user, place, comment)
                .map(|thread| (place, Some(thread)))
                .ok_or(()),
        };
        let request = comment_of(user, &id, &words, answers.as_deref());
        let reply = self.ask(request, if thread.is_ok() { 0 } else { 9 });
        if let Ok((place, thread)) = thread {
            let comment = Comment {
                id: text(&reply["comment_id"]),
                author: user,
                text: words,
                answers: Vec::new(),
            };
            let comments = &mut self.model.pictures[place].comments;
            match thread {
                None => comments.push(comment),
                Some(thread) => comments[thread].answers.push(comment),
            }
        }
    }

    /// Of any picture.
    fn any_comment(&mut self) -> Option<String> {
        let comments = self.model.pictures.iter().flat_map(|it| &it.comments);
        let all = comments.flat_map(|it| std::iter::once(it).chain(&it.answers));
        let ids: Vec<_> = all.map(|it| it.id.clone()).collect();
        (!ids.is_empty()).then(|| ids[self.random.usize(..ids.len())].clone())
    }

    /// Which thread of the picture an answer to this joins.
    fn thread(&self, user: &str, place: usize, id: &str) -> Option<usize> {
        let seen = |comment: &Comment| !self.model.apart(user, comment.author);
        self.model.pictures[place].comments.iter().position(|it| {
            let answers = it.answers.iter().any(|it| it.id == id && seen(it));
            seen(it) && (it.id == id || answers)
        })
    }

    fn delete(&mut self) {
        let (user, id) = (self.user(), self.picture());
        let seen = self.model.seen(user, &id);
        let own = seen.is_some_and(|place| self.model.pictures[place].owner == user);
        let error_no = match seen {
            None => 9,
            Some(_) if !own => 10,
            Some(_) => 0,
        };
        self.ask(on_picture("delete", user, &id), error_no);
        if own {
            self.model.pictures.retain(|it| it.id != id);
        }
    }

    fn block(&mut self) {
        let (by, whom) = (self.user(), self.user());
        if by == whom {
            return;
        }
        let on = !self.model.blocks.contains(&(by, whom));
        block(self.server, by, whom, on);
        self.model.blocks.retain(|it| *it != (by, whom));
        if on {
            self.model.blocks.push((by, whom));
        }
    }

    /// Somebody looks at some page of it.
    fn look(&mut self) {
        let viewer = self.user();
        let limit = self.random.usize(1..=8);
        let count = self.model.pictures.len();
        let before = (count > 0 && self.random.bool()).then(|| self.random.usize(..count));
        let owner = self.user();
        let owner = (self.random.u8(..4) == 0 && !self.model.apart(viewer, owner)).then_some(owner);
        let keys = json!({
            "limit": limit,
            "before": before.map(|place| self.model.pictures[place].id.clone()),
            "owner": owner.map(user_id),
        });
        let mut found = feed(self.server, viewer, &keys);
        for entry in &mut found {
            let entry = entry.as_object_mut().expect("an entry");
            assert!(
                entry
                    .remove("picture_publish_time")
                    .is_some_and(|it| it.is_string())
            );
            assert!(
                entry
                    .remove("picture_publish_time_at")
                    .is_some_and(|it| it.is_i64())
            );
        }
        assert_eq!(
            found,
            self.model.page(viewer, before, limit, owner),
            "{viewer} {keys}"
        );
    }
}

#[test]
fn the_feed_is_what_a_naive_model_says() {
    for seed in 0..3 {
        println!("seed {seed}");
        let server = server();
        add_users(&server, &USERS);
        let mut play = Play {
            server: &server,
            model: Model::default(),
            random: fastrand::Rng::with_seed(seed),
            picture: plain(2, 2, image::ImageFormat::Png),
        };
        for _ in 0..STEPS {
            match play.random.u8(..20) {
                0..5 => play.publish(),
                5..8 => play.like(true),
                8..10 => play.like(false),
                10..17 => play.comment(),
                17 => play.delete(),
                _ => play.block(),
            }
            play.look();
        }
    }
}
