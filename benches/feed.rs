//! The feed beside a route that returns the same bytes from memory: 20 pictures
//! with their comments, out of 10,000 pictures and 100,000 comments. Both are
//! asked in turn by the same handsets over loopback.
//!
//! `cargo bench --bench feed`; the third figure of a line is the ratio.

#[path = "feed/crowd.rs"]
mod crowd;
#[path = "feed/town.rs"]
mod town;

use std::net::TcpListener;
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::body::Bytes;
use axum::http::header::CONTENT_TYPE;
use axum::routing::post;
use tokio::sync::{mpsc, oneshot};

use pairline::config::{Config, Sources};
use pairline::filter::Filter;
use pairline::http::{
    self, Chat, CodeKey, Context, Notice, OperatorKey, Operators, Parts, Pictures, Readiness,
    Sighting,
};
use pairline::metrics::Metrics;
use pairline::sms::Gateways;
use pairline::store::PseudonymKey;

use crowd::Crowd;
use town::Town;

const ROUNDS: usize = 5;
const ROUND: Duration = Duration::from_secs(3);

fn main() {
    let folder = tempfile::tempdir().expect("a folder for the store");
    let town = Town::build(folder.path());
    let sources = Sources {
        set: vec![("http_rate".to_owned(), "0".to_owned())],
        ..Sources::default()
    };
    let config = Arc::new(Config::load(&sources).expect("the defaults are valid"));
    let pictures = Pictures::open(folder.path(), &town.door).expect("a shelf");
    let metrics = Arc::new(Metrics::new(1).with_requests(http::REQUESTS));
    let gateways = Gateways::open(&config, Arc::clone(&metrics)).expect("a console");
    let context = Context::new(Parts {
        config,
        door: town.door.clone(),
        metrics,
        gateways,
        chat: Arc::new(NoChat),
        code_key: CodeKey([0; 32]),
        pseudonym_key: PseudonymKey([0; 32]),
        pictures,
        operators: Operators {
            key: OperatorKey::of("t0ken"),
            readiness: Arc::new(Readiness::new()),
            drain: mpsc::unbounded_channel().0,
        },
        filter: None,
    });
    let feed = serve("feed", http::public_router(context));

    let mut crowd = Crowd::connect(feed.address(), &town.tokens);
    let page = crowd.ask_once();
    println!("{} bytes a page", page.len());
    let body = Bytes::from(page);
    let answer = move |_: Bytes| {
        let content_type = [(CONTENT_TYPE, "application/json; charset=utf-8")];
        let answer = (content_type, body.clone());
        async move { answer }
    };
    let route = Router::new().route("/v1/picture_info_request", post(answer));
    let memory = serve("memory", route);
    let mut beside = Crowd::connect(memory.address(), &town.tokens);

    for _ in 0..ROUNDS {
        let (from_memory, _) = beside.ask_for(ROUND, None);
        let (from_store, _) = crowd.ask_for(ROUND, None);
        let (_, late) = crowd.ask_for(ROUND, Some(from_store / 2.0));
        println!(
            "memory {from_memory:8.0}/s  feed {from_store:8.0}/s  ratio {:.2}  p99 at half {late:?}",
            from_store / from_memory
        );
    }
}

/// There is none beside this feed.
struct NoChat;

impl Chat for NoChat {
    fn block(&self, _: &str, _: &str) {}
    fn unblock(&self, _: &str, _: &str) {}
    fn logged_out(&self, _: &str) {}
    fn deleted(&self, _: &str) {}
    fn ban(&self, _: &str, _: i64) {}
    fn unban(&self, _: &str) {}
    fn kick(&self, _: &str) {}
    fn notice(&self, _: &str, _: &Notice) {}
    fn filter(&self, _: Option<&Filter>) {}
    fn look(&self, _: &str, _: Option<u64>) -> oneshot::Receiver<Sighting> {
        oneshot::channel().1
    }
}

fn serve(name: &str, router: Router) -> http::Server {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
    http::serve(name, listener, router).expect("it serves")
}
