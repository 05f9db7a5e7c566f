//! The server: asked with the operator's token, and what its answers mean.

use std::fs;
use std::time::Duration;

use hyper::header::{ACCEPT_LANGUAGE, AUTHORIZATION, HeaderValue};
use hyper::{StatusCode, Uri};
use serde_json::Value;
use tokio::time::timeout;

use super::options::Options;
use super::order::Request;
use crate::client::{Ask, Client, NoAnswer};
use crate::exit::Failure;

const TOKEN: &str = "PAIRLINE_ADMIN_TOKEN";
const CONNECTING_FOR: Duration = Duration::from_secs(5);
const ANSWER_FOR: Duration = Duration::from_secs(40);
const ANSWER_BYTES: usize = 16 * 1024 * 1024;

/// See the module.
pub(super) struct Server {
    client: Client,
    url: Uri,
    bearer: HeaderValue,
}

impl Server {
    pub(super) fn open(options: &Options) -> Result<Server, Failure> {
        let token = token(options)?;
        let bearer = HeaderValue::try_from(format!("Bearer {token}"));
        let mut bearer =
            bearer.map_err(|_| Failure::usage("the token may be printable ASCII only"))?;
        bearer.set_sensitive(true);
        let url = options.server.clone();
        let client = Client::new(&url, CONNECTING_FOR, ANSWER_BYTES).map_err(Failure::system)?;
        Ok(Server {
            client,
            url,
            bearer,
        })
    }

    /// What the server answers, if it does what it was asked.
    pub(super) async fn ask(&self, request: Request) -> Result<Value, Failure> {
        let base = self.url.to_string();
        let url = format!("{}{}", base.trim_end_matches('/'), request.path);
        let english = HeaderValue::from_static("en");
        let ask = Ask {
            method: request.method,
            url: url.parse().map_err(Failure::usage)?,
            headers: vec![
                (AUTHORIZATION, self.bearer.clone()),
                (ACCEPT_LANGUAGE, english),
            ],
            body: match request.body {
                Value::Null => String::new(),
                body => body.to_string(),
            },
        };
        let unheard = |why: NoAnswer| Failure::system(format!("{base} does not answer: {why}"));
        let answer = timeout(ANSWER_FOR, self.client.ask(ask)).await;
        let answer = answer
            .map_err(|_| Failure::system(format!("{base} does not answer in time")))?
            .map_err(unheard)?;
        let body = serde_json::from_slice(&answer.body).unwrap_or_default();
        judge(answer.status, body, &base)
    }
}

/// The token of the file, else the variable's.
fn token(options: &Options) -> Result<String, Failure> {
    let token = match &options.token_file {
        Some(file) => fs::read_to_string(file)
            .map_err(|error| Failure::system(format!("{}: {error}", file.display())))?,
        None => std::env::var(TOKEN).unwrap_or_default(),
    };
    let token = token.trim();
    if token.is_empty() {
        return Err(Failure::usage(format!(
            "no operator's token: set {TOKEN}, or name a file that holds it with --token-file"
        )));
    }
    Ok(token.to_owned())
}

fn judge(status: StatusCode, body: Value, base: &str) -> Result<Value, Failure> {
    if body["success"] == true {
        return Ok(body);
    }
    let words = match status {
        StatusCode::UNAUTHORIZED => "this is not the operator's token".to_owned(),
        StatusCode::TOO_MANY_REQUESTS => "too many tries; wait a while".to_owned(),
        _ => match (body["err_msg"].as_str(), body["key"].as_str()) {
            (Some(text), Some(key)) => format!("{text}: {key}"),
            (Some(text), None) => text.to_owned(),
            (None, _) => format!("status {status}, and no answer of a pairline"),
        },
    };
    Err(Failure::other(format!("{base} refuses: {words}")))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_refusal_says_why() {
        let refused = |status: u16, body: Value| {
            let status = StatusCode::from_u16(status).unwrap();
            judge(status, body, "http://x").unwrap_err().to_string()
        };
        let body = json!({"success": false, "error_no": 3, "err_msg": "bad", "key": "tel"});
        assert_eq!(refused(200, body), "http://x refuses: bad: tel");
        let body = json!({"success": false, "error_no": 8, "err_msg": "token unknown"});
        assert!(refused(401, body).contains("not the operator's token"));
        assert!(refused(502, Value::Null).contains("status 502"));
        assert!(judge(StatusCode::OK, json!({"success": true}), "").is_ok());
    }
}
