//! The real binary, serving on ports of its own.

use std::io::Read;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::{Arc, Condvar, Mutex};
use std::thread;
use std::time::{Duration, Instant};

use tempfile::TempDir;

use super::PATIENCE;

/// A debug build on a busy machine starts slowly.
const START: Duration = Duration::from_secs(30);

/// How a server is to be started. Clones share the data directory, which goes
/// with the last of them.
#[derive(Clone)]
pub struct Setup {
    binary: PathBuf,
    through: Vec<String>,
    cores: usize,
    chat: SocketAddr,
    http: SocketAddr,
    data: Arc<TempDir>,
    data_at: Option<PathBuf>,
    args: Vec<String>,
    env: Vec<(String, String)>,
}

impl Setup {
    /// Every default, ports that the system picks, an empty data directory.
    pub fn new(cores: usize) -> Setup {
        let any = SocketAddr::from(([127, 0, 0, 1], 0));
        Setup {
            binary: env!("CARGO_BIN_EXE_pairline").into(),
            through: Vec::new(),
            cores,
            chat: any,
            http: any,
            data: Arc::new(tempfile::tempdir().expect("a temporary directory")),
            data_at: None,
            args: Vec::new(),
            env: Vec::new(),
        }
    }

    /// `--set key=value`
    pub fn set(self, key: &str, value: impl ToString) -> Setup {
        self.arg("--set")
            .arg(&format!("{key}={}", value.to_string()))
    }

    /// The same on another number of cores.
    pub fn on(self, cores: usize) -> Setup {
        Setup { cores, ..self }
    }

    /// One more argument, as it is.
    pub fn arg(mut self, arg: &str) -> Setup {
        self.args.push(arg.to_owned());
        self
    }

    /// A variable of the server's environment.
    pub fn env(mut self, key: &str, value: &str) -> Setup {
        self.env.push((key.to_owned(), value.to_owned()));
        self
    }

    /// `--chat`
    pub fn chat(self, chat: SocketAddr) -> Setup {
        Setup { chat, ..self }
    }

    /// `--http`
    pub fn http(self, http: SocketAddr) -> Setup {
        Setup { http, ..self }
    }

    /// Another copy of the binary.
    pub fn binary(self, binary: PathBuf) -> Setup {
        Setup { binary, ..self }
    }

    /// Started by this program, which is given the whole command line and must
    /// end in an `exec` of it; by the earlier ones of these first.
    pub fn through(mut self, words: &[&str]) -> Setup {
        self.through.extend(words.iter().map(|&word| word.into()));
        self
    }

    /// A data directory that is somebody else's care.
    pub fn data_at(mut self, data: &Path) -> Setup {
        self.data_at = Some(data.to_owned());
        self
    }

    /// The data directory.
    pub fn data(&self) -> &Path {
        self.data_at.as_deref().unwrap_or(self.data.path())
    }

    /// Starts it and waits until it is ready.
    #[track_caller]
    pub fn start(self) -> Server {
        let mut running = Running::spawn(&self);
        let begun = running.stdout.wait_for(START, |text| text.contains('\n'));
        let said = running.stdout.text();
        let ready = said.lines().next().filter(|_| begun).and_then(Ready::read);
        let Some(ready) = ready else {
            panic!(
                "no ready line but {said:?} ({:?})",
                running.child.try_wait()
            );
        };
        assert_eq!(ready.cores, self.cores, "{said}");
        assert_eq!(ready.pid, running.child.id(), "{said}");
        Server {
            chat: ready.chat,
            http: ready.http,
            setup: self,
            running,
        }
    }

    /// Starts it, expects it to give up before it is ready, and returns its
    /// exit code and what it said on standard error.
    #[track_caller]
    pub fn refuse(self) -> (i32, String) {
        let mut running = Running::spawn(&self);
        let status = running.wait_exit(START);
        running.stderr.wait_for(PATIENCE, |_| false);
        assert_eq!(running.stdout.text(), "", "nothing on standard output");
        let code = status.code().expect("an exit, not a signal");
        (code, running.stderr.text())
    }
}

/// A server that is (or was) ready. Dropping it kills it.
pub struct Server {
    /// The chat port.
    pub chat: SocketAddr,
    /// The HTTP port.
    pub http: SocketAddr,
    setup: Setup,
    running: Running,
}

impl Server {
    /// With every default.
    #[track_caller]
    pub fn start(cores: usize) -> Server {
        Setup::new(cores).start()
    }

    /// Its process.
    pub fn pid(&self) -> u32 {
        self.running.child.id()
    }

    /// The largest that a file of the server may grow to.
    #[track_caller]
    pub fn limit_files(&self, bytes: &str) {
        let limited = Command::new("prlimit")
            .args(["--pid", &self.pid().to_string()])
            .arg(format!("--fsize={bytes}:unlimited"))
            .status();
        assert!(limited.expect("prlimit is there").success());
    }

    /// The data directory.
    pub fn data(&self) -> &Path {
        self.setup.data()
    }

    /// What it has said on standard error so far.
    pub fn log(&self) -> String {
        self.running.stderr.text()
    }

    /// Waits until standard error holds the text.
    #[track_caller]
    pub fn wait_log(&self, text: &str) {
        let found = self
            .running
            .stderr
            .wait_for(PATIENCE, |log| log.contains(text));
        assert!(found, "the log never said {text:?}");
    }

    /// What it has said on standard output so far: the ready line.
    pub fn stdout(&self) -> String {
        self.running.stdout.text()
    }

    /// SIGTERM: asks it to drain.
    #[track_caller]
    pub fn term(&self) {
        self.signal("TERM");
    }

    /// Sends a signal, by its name.
    #[track_caller]
    pub fn signal(&self, name: &str) {
        signal(self.pid(), name);
    }

    /// Bytes of memory that are its own and resident.
    pub fn resident(&self) -> u64 {
        let status = std::fs::read_to_string(format!("/proc/{}/status", self.pid()));
        let status = status.expect("it runs");
        let row = status.lines().find_map(|row| row.strip_prefix("RssAnon:"));
        let words = row.map(str::split_whitespace);
        let kib = words.and_then(|mut words| words.next()?.parse::<u64>().ok());
        kib.expect("a count of KiB") * 1024
    }

    /// How many descriptors it has open.
    pub fn descriptors(&self) -> usize {
        let open = std::fs::read_dir(format!("/proc/{}/fd", self.pid()));
        open.expect("it runs").count()
    }

    /// The same, without those that are only open for a moment, for an HTTP
    /// request or a commit.
    pub fn lasting_descriptors(&self) -> usize {
        let look = |_| {
            thread::sleep(Duration::from_millis(10));
            self.descriptors()
        };
        (0..15).map(look).min().expect("fifteen looks")
    }

    /// The sum of a metric over all its labels.
    #[track_caller]
    pub fn metric(&self, name: &str) -> f64 {
        let (status, text) = super::http_get(self.http, "/metrics");
        assert_eq!(status, 200, "{text}");
        let of_name = |row: &&str| {
            let rest = row.strip_prefix(name);
            rest.is_some_and(|rest| rest.starts_with(['{', ' ']))
        };
        let value = |row: &str| row.rsplit(' ').next()?.parse::<f64>().ok();
        text.lines().filter(of_name).filter_map(value).sum()
    }

    /// Waits until a metric's sum is this.
    #[track_caller]
    pub fn wait_metric(&self, name: &str, wanted: f64) {
        let until = Instant::now() + PATIENCE;
        loop {
            let now = self.metric(name);
            if now.to_bits() == wanted.to_bits() {
                return;
            }
            assert!(Instant::now() < until, "{name} is {now}, not {wanted}");
            thread::sleep(Duration::from_millis(20));
        }
    }

    /// A second: what was acted on before is on disk then. Where the disk takes
    /// longer, that is waited for.
    #[track_caller]
    pub fn write_down(&self) {
        thread::sleep(Duration::from_secs(1));
        self.wait_metric("pairline_store_waiting", 0.0);
    }

    /// SIGKILL, and waits until it is gone.
    pub fn kill9(&mut self) {
        self.running.kill();
    }

    /// Waits until it ends by itself.
    #[track_caller]
    pub fn wait_exit(&mut self) -> ExitStatus {
        self.running.wait_exit(START)
    }

    /// Another server of the same set-up on the same data, on new ports; this
    /// one is killed if it still runs.
    #[track_caller]
    pub fn again(mut self) -> Server {
        self.kill9();
        self.setup.clone().start()
    }
}

/// The one line on standard output.
struct Ready {
    chat: SocketAddr,
    http: SocketAddr,
    cores: usize,
    pid: u32,
}

impl Ready {
    fn read(line: &str) -> Option<Ready> {
        let mut words = line.split(' ');
        if words.next() != Some("ready") {
            return None;
        }
        let mut next = |key: &str| words.next()?.strip_prefix(key)?.strip_prefix('=');
        let ready = Ready {
            chat: next("chat")?.parse().ok()?,
            http: next("http")?.parse().ok()?,
            cores: next("cores")?.parse().ok()?,
            pid: next("pid")?.parse().ok()?,
        };
        words.next().is_none().then_some(ready)
    }
}

/// The process. Its log is printed when it is dropped by a failing test.
struct Running {
    child: Child,
    stdout: Collected,
    stderr: Collected,
}

impl Running {
    fn spawn(setup: &Setup) -> Running {
        let mut command = match setup.through.split_first() {
            None => Command::new(&setup.binary),
            Some((program, words)) => {
                let mut command = Command::new(program);
                command.args(words).arg(&setup.binary);
                command
            }
        };
        for (key, _) in std::env::vars_os() {
            if key.to_string_lossy().starts_with("PAIRLINE_") {
                command.env_remove(key);
            }
        }
        let mut child = command
            .arg("serve")
            .args(["--chat", &setup.chat.to_string()])
            .args(["--http", &setup.http.to_string()])
            .arg("--data")
            .arg(setup.data())
            .args(["--cores", &setup.cores.to_string()])
            .args(&setup.args)
            .envs(setup.env.iter().map(|(key, value)| (key, value)))
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .expect("the binary runs");
        let stdout = Collected::from(child.stdout.take().expect("it is piped"));
        let stderr = Collected::from(child.stderr.take().expect("it is piped"));
        Running {
            child,
            stdout,
            stderr,
        }
    }

    fn kill(&mut self) {
        self.child.kill().expect("SIGKILL is sent");
        self.child.wait().expect("its end is told");
    }

    #[track_caller]
    fn wait_exit(&mut self, patience: Duration) -> ExitStatus {
        let until = Instant::now() + patience;
        loop {
            if let Some(status) = self.child.try_wait().expect("its end is told") {
                return status;
            }
            assert!(Instant::now() < until, "still runs after {patience:?}");
            thread::sleep(Duration::from_millis(5));
        }
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        // Both fail only on a process that is gone already.
        let _ = self.child.kill();
        let _ = self.child.wait();
        if thread::panicking() {
            self.stderr.wait_for(Duration::from_secs(1), |_| false);
            eprintln!("--- the server's log\n{}---", self.stderr.text());
        }
    }
}

/// A stream's text, read by a thread as it comes.
struct Collected(Arc<(Mutex<Text>, Condvar)>);

#[derive(Default)]
struct Text {
    text: String,
    ended: bool,
}

const UNPOISONED: &str = "whoever holds the text does not panic";

impl Collected {
    fn from(mut stream: impl Read + Send + 'static) -> Collected {
        let collected = Collected(Arc::default());
        let shared = collected.0.clone();
        thread::spawn(move || {
            let mut bytes = [0; 4096];
            loop {
                let read = stream.read(&mut bytes).unwrap_or(0);
                let mut text = shared.0.lock().expect(UNPOISONED);
                text.text += &String::from_utf8_lossy(&bytes[..read]);
                text.ended = read == 0;
                shared.1.notify_all();
                if text.ended {
                    return;
                }
            }
        });
        collected
    }

    fn text(&self) -> String {
        self.0.0.lock().expect(UNPOISONED).text.clone()
    }

    /// Waits until the text is as wanted, the stream ends, or the time is over;
    /// says whether the text is as wanted.
    fn wait_for(&self, patience: Duration, wanted: impl Fn(&str) -> bool) -> bool {
        let (text, changed) = &*self.0;
        let waited = changed.wait_timeout_while(text.lock().expect(UNPOISONED), patience, |text| {
            !text.ended && !wanted(&text.text)
        });
        wanted(&waited.expect(UNPOISONED).0.text)
    }
}

/// Sends a process a signal, by its name.
#[track_caller]
pub fn signal(pid: u32, name: &str) {
    let kill = Command::new("kill")
        .args(["-s", name, &pid.to_string()])
        .status();
    assert!(kill.expect("kill runs").success(), "SIG{name} is sent");
}
