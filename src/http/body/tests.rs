use std::convert::Infallible;
use std::pin::Pin;
use std::task::{Context, Poll};

use axum::body::HttpBody;
use hyper::body::Frame;
use tokio::sync::mpsc::{Receiver, Sender, channel};
use tokio::time::sleep;

use super::*;

const KIB: usize = 1024;
const SECOND: Duration = Duration::from_secs(1);
const BOUNDS: Bounds = Bounds {
    big: 2,
    an_address: 1,
    wait_for: Duration::from_secs(30),
    body_for: Duration::from_secs(120),
    pace_for: Duration::from_secs(20),
};

/// A body that comes as it is sent.
struct Sent(Receiver<Bytes>);

impl HttpBody for Sent {
    type Data = Bytes;
    type Error = Infallible;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Infallible>>> {
        let data = self.0.poll_recv(context);
        data.map(|data| data.map(|data| Ok(Frame::data(data))))
    }
}

fn body() -> (Sender<Bytes>, Body) {
    let (sender, chunks) = channel(1);
    (sender, Body::new(Sent(chunks)))
}

async fn send(sender: &Sender<Bytes>, length: usize) -> bool {
    sender.send(vec![b'x'; length].into()).await.is_ok()
}

/// How many bytes are read of what this address sends.
async fn read(bodies: &Bodies, from: &str, body: Body) -> Result<usize, NoBody> {
    let from = Origin::of(from.parse().unwrap());
    let read = bodies.read(from, &HeaderMap::new(), body, 1024 * KIB).await;
    read.map(|body| body.len())
}

/// Sends a chunk a second until nobody reads any more.
fn send_for_ever(sender: Sender<Bytes>, length: usize) {
    tokio::spawn(async move {
        while send(&sender, length).await {
            sleep(SECOND).await;
        }
    });
}

#[tokio::test(start_paused = true)]
async fn what_trickles_is_cut_short() {
    let bodies = Bodies::within(BOUNDS);
    for length in [0, 1, 3 * KIB] {
        let (sender, body) = body();
        send_for_ever(sender, length);
        let start = Instant::now();
        assert_eq!(read(&bodies, "::1", body).await, Err(NoBody::CutShort));
        let spent = start.elapsed();
        assert!(spent < BOUNDS.pace_for + 2 * SECOND, "{length}: {spent:?}");
    }
}

#[tokio::test(start_paused = true)]
async fn what_comes_at_its_pace_is_read_but_not_for_ever() {
    let bodies = Bodies::within(BOUNDS);
    let (sender, steady) = body();
    tokio::spawn(async move {
        for _ in 0..10 {
            send(&sender, 40 * KIB).await;
            sleep(9 * SECOND).await;
        }
    });
    assert_eq!(read(&bodies, "::1", steady).await, Ok(400 * KIB));
    let (sender, endless) = body();
    send_for_ever(sender, 4 * KIB);
    let start = Instant::now();
    assert_eq!(read(&bodies, "::1", endless).await, Err(NoBody::CutShort));
    assert_eq!(start.elapsed(), BOUNDS.body_for);
}

#[tokio::test(start_paused = true)]
async fn waiting_for_others_counts_for_nothing() {
    let bodies = Arc::new(Bodies::within(Bounds {
        body_for: 10 * SECOND,
        pace_for: 5 * SECOND,
        ..BOUNDS
    }));
    // Two addresses, and two bodies of one of them.
    for (first, second) in [("::1", "::2"), ("::1", "::1")] {
        let held = bodies.place(Origin::of(first.parse().unwrap())).await;
        let other = bodies.place(Origin::of("1.1.1.1".parse().unwrap())).await;
        tokio::spawn(async move {
            sleep(25 * SECOND).await;
            drop((held, other));
        });
        let (sender, body) = body();
        tokio::spawn(async move {
            send(&sender, 65 * KIB).await;
            sleep(29 * SECOND).await;
            send(&sender, 65 * KIB).await;
        });
        assert_eq!(read(&bodies, second, body).await, Ok(130 * KIB));
    }
}

#[tokio::test(start_paused = true)]
async fn an_address_has_a_share_of_the_long_ones() {
    let bodies = Arc::new(Bodies::within(BOUNDS));
    let own = bodies.place(Origin::of("2001:db8::1".parse().unwrap()));
    let own = own.await.unwrap_or_else(|_| panic!("there is room"));
    let long = || {
        let (sender, body) = body();
        tokio::spawn(async move { send(&sender, 65 * KIB).await });
        body
    };
    // Of the same /64, of another, and again when there is room.
    let same = read(&bodies, "2001:db8::2", long()).await;
    assert_eq!(same, Err(NoBody::NoRoom));
    let other = read(&bodies, "2001:db8:0:1::1", long()).await;
    assert_eq!(other, Ok(65 * KIB));
    drop(own);
    assert_eq!(read(&bodies, "2001:db8::2", long()).await, Ok(65 * KIB));
    // What is short waits for nobody.
    let _own = bodies
        .place(Origin::of("2001:db8::1".parse().unwrap()))
        .await;
    let (sender, short) = body();
    tokio::spawn(async move { send(&sender, 64 * KIB).await });
    assert_eq!(read(&bodies, "2001:db8::1", short).await, Ok(64 * KIB));
}

#[tokio::test]
async fn a_long_one_is_understood_apart_and_keeps_its_place() {
    let bodies = Bodies::within(BOUNDS);
    let workers = Workers::start("apart", 1, 1, || Ok(())).unwrap();
    let whole = async |length: usize| {
        let (sender, body) = body();
        tokio::spawn(async move { send(&sender, length).await });
        let from = Origin::of("::1".parse().unwrap());
        let headers = HeaderMap::new();
        let read = bodies.read(from, &headers, body, 1024 * KIB).await;
        read.unwrap_or_else(|_| panic!("there is room"))
    };
    let thread = |_: &[u8]| Ok(std::thread::current().id());
    let here = std::thread::current().id();
    let short = whole(64 * KIB).await;
    assert_eq!(short.read(&workers, thread).await.unwrap(), here);
    let long = whole(64 * KIB + 1).await;
    assert_ne!(long.read(&workers, thread).await.unwrap(), here);

    // Whoever hangs up meanwhile does not make room before it is done.
    let (begun, beginning) = std::sync::mpsc::channel();
    let (go, gate) = std::sync::mpsc::channel::<()>();
    let busy = workers.submit(move || {
        begun.send(()).unwrap();
        gate.recv().unwrap();
    });
    beginning.recv().unwrap();
    let mut reading = Box::pin(long.read(&workers, thread));
    let soon = timeout(Duration::from_millis(10), &mut reading).await;
    assert!(soon.is_err());
    drop(reading);
    drop(long);
    let origin = Origin::of("::1".parse().unwrap());
    assert!(bodies.shares.take(origin).is_none());
    let again = short.read(&workers, thread).await.unwrap();
    assert_eq!(again, here, "what is short waits for nobody");
    go.send(()).unwrap();
    busy.unwrap().await.unwrap();
    bodies.shares.wait(origin).await;
}
