//! The word list: what is looked for in what users write, and what is done
//! about it.

use std::sync::Arc;

use serde::{Deserialize, Serialize};

use super::super::fault::Fault;
use super::super::reply::{Refusal, Reply};
use super::order::{Deed, Order};
use crate::filter::{Action, Filter};
use crate::limits::{LISTED_WORD_BYTES, LISTED_WORDS};
use crate::store::Changes;

/// `POST /admin/words`
#[derive(Deserialize)]
struct AddRequest {
    word: String,
    action: String,
}

/// `DELETE /admin/words`
#[derive(Deserialize)]
struct DropRequest {
    word: Option<String>,
}

/// `GET /admin/words`
#[derive(Serialize)]
struct List {
    /// Whether talks are looked through as well.
    filter_talk: bool,
    words: Vec<Listed>,
}

#[derive(Serialize)]
struct Listed {
    word: String,
    action: &'static str,
}

pub(super) async fn list(order: &Order) -> Result<Reply, Refusal> {
    let words = order.look(|reading| Ok(reading.word_list()?)).await?;
    let words = words.into_iter().map(|(word, action)| Listed {
        word,
        action: action.as_str(),
    });
    Ok(Reply::of(&List {
        filter_talk: order.context.config.filter_talk,
        words: words.collect(),
    }))
}

/// One that is listed already gets another action.
pub(super) async fn add(order: &Order) -> Result<Reply, Refusal> {
    let request: AddRequest = order.request()?;
    let word = folded("word", &request.word)?;
    let action = Action::named(&request.action).ok_or_else(|| Refusal::bad_key("action"))?;
    let now = order.context.now();
    let deed = Deed::new("list_word", word.clone()).saying(action.as_str());
    let context = Arc::clone(&order.context);
    order
        .act(deed, move |changes| {
            changes.list_word(&word, action, now)?;
            in_force(changes, context)
        })
        .await?;
    Ok(Reply::done())
}

/// The word stands in the body or, as in links, in the query.
pub(super) async fn take_off(order: &Order) -> Result<Reply, Refusal> {
    let request: DropRequest = order.request()?;
    let named = order.query("word").map(str::to_owned);
    let word = request.word.or(named);
    let word = folded("word", &word.ok_or_else(|| Refusal::bad_key("word"))?)?;
    let context = Arc::clone(&order.context);
    order
        .act(Deed::new("drop_word", word.clone()), move |changes| {
            if !changes.drop_word(&word)? {
                return Err(Fault::NoSuchThing.into());
            }
            in_force(changes, context)
        })
        .await?;
    Ok(Reply::done())
}

/// Once it is on disk, it is what texts are looked through for, here and in the
/// chat.
fn in_force(
    changes: &mut dyn Changes,
    context: Arc<super::super::context::Context>,
) -> Result<(), Refusal> {
    let words = changes.word_list()?;
    if words.len() > LISTED_WORDS {
        return Err(Fault::TooLarge.into());
    }
    let filter = Filter::new(words).map_err(|error| {
        tracing::error!(error, "the word list cannot be used");
        Refusal::from(Fault::TooLarge)
    })?;
    changes.then(Box::new(move || {
        context.chat.filter(filter.as_ref());
        context.words.set(filter);
    }));
    Ok(())
}

/// Large and small letters are the same: it is kept in small ones.
fn folded(key: &str, word: &str) -> Result<String, Refusal> {
    let word = word.trim();
    if (1..=LISTED_WORD_BYTES).contains(&word.len()) {
        Ok(word.to_ascii_lowercase())
    } else {
        Err(Refusal::bad_key(key))
    }
}
