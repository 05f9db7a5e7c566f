//! Handsets that ask for the feed over connections that stay open, all of them
//! on one thread.

use std::io::{Read as _, Write as _};
use std::net::{SocketAddr, TcpStream};
use std::time::{Duration, Instant};

use hdrhistogram::Histogram;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::runtime::{Builder, Runtime};
use tokio::task::JoinSet;

const HANDSETS: usize = 16;

pub(crate) struct Crowd {
    address: SocketAddr,
    requests: Vec<Vec<u8>>,
    runtime: Runtime,
}

impl Crowd {
    pub(crate) fn connect(address: SocketAddr, tokens: &[String]) -> Crowd {
        Crowd {
            address,
            requests: tokens.iter().map(|token| request(token)).collect(),
            runtime: Builder::new_current_thread()
                .enable_all()
                .build()
                .expect("a runtime"),
        }
    }

    /// The body of one answer.
    pub(crate) fn ask_once(&self) -> Vec<u8> {
        let mut stream = TcpStream::connect(self.address).expect("it listens");
        stream.write_all(&self.requests[0]).expect("it reads");
        let mut buffer = vec![0; 1 << 20];
        let mut filled = 0;
        loop {
            filled += stream.read(&mut buffer[filled..]).expect("it answers");
            if let Some((head, body)) = parts(&buffer[..filled])
                && filled == head + body
            {
                buffer.truncate(filled);
                return buffer.split_off(head);
            }
        }
    }

    /// All ask for so long, together at this rate or as fast as they are
    /// answered: how many a second, and how late 99 in 100 are at most. A
    /// request at a rate is late from when it was due.
    pub(crate) fn ask_for(&mut self, time: Duration, rate: Option<f64>) -> (f64, Duration) {
        let share = rate.map(|rate| Duration::from_secs_f64(HANDSETS as f64 / rate));
        let start = Instant::now();
        let latency = self.runtime.block_on(async {
            let mut tasks = JoinSet::new();
            for index in 0..HANDSETS {
                let requests = self.requests.clone();
                let handset = handset(self.address, requests, index, start, time, share);
                tasks.spawn(handset);
            }
            let mut all = Histogram::<u64>::new(3).expect("three digits");
            for one in tasks.join_all().await {
                all.add(one).expect("they are alike");
            }
            all
        });
        let spent = start.elapsed().as_secs_f64();
        let p99 = Duration::from_micros(latency.value_at_quantile(0.99));
        (latency.len() as f64 / spent, p99)
    }
}

fn request(token: &str) -> Vec<u8> {
    let body = format!(r#"{{"type":"picture_info_request","token":"{token}"}}"#);
    let length = body.len();
    format!("POST /v1/picture_info_request HTTP/1.1\r\nHost: x\r\nContent-Length: {length}\r\n\r\n{body}")
        .into_bytes()
}

async fn handset(
    address: SocketAddr,
    requests: Vec<Vec<u8>>,
    index: usize,
    start: Instant,
    time: Duration,
    share: Option<Duration>,
) -> Histogram<u64> {
    let mut latency = Histogram::new(3).expect("three digits");
    let mut stream = tokio::net::TcpStream::connect(address)
        .await
        .expect("it listens");
    let mut buffer = vec![0; 1 << 20];
    let mut due = start;
    for request in requests.iter().cycle().skip(index * 7) {
        match share {
            Some(share) => {
                due += share;
                tokio::time::sleep_until(due.into()).await;
            }
            None => due = Instant::now(),
        }
        if start.elapsed() > time {
            break;
        }
        stream.write_all(request).await.expect("it reads");
        let mut filled = 0;
        loop {
            filled += stream
                .read(&mut buffer[filled..])
                .await
                .expect("it answers");
            if parts(&buffer[..filled]).is_some_and(|(head, body)| filled == head + body) {
                break;
            }
        }
        assert!(buffer.starts_with(b"HTTP/1.1 200"), "refused");
        let micros = u64::try_from(due.elapsed().as_micros()).expect("a moment");
        latency.record(micros).expect("it resizes itself");
    }
    latency
}

/// The lengths of a reply's head and body.
fn parts(bytes: &[u8]) -> Option<(usize, usize)> {
    let head = memchr::memmem::find(bytes, b"\r\n\r\n")? + 4;
    let name = b"content-length: ";
    let at = memchr::memmem::find(&bytes[..head], name)? + name.len();
    let digits = bytes[at..].iter().take_while(|byte| byte.is_ascii_digit());
    let body = digits.fold(0, |sum, digit| sum * 10 + usize::from(digit - b'0'));
    Some((head, body))
}
