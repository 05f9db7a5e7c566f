//! `pairline verify-draw`: anybody checks a draw from what was published.

use std::fs::File;
use std::io::{self, Read as _, Write as _};
use std::num::NonZeroU32;
use std::path::Path;

use super::{Numbers, Rule, TicketsHash};
use crate::exit::Failure;
use crate::limits::TICKETS_FILE_BYTES;

/// What is said of a draw.
#[derive(Clone, Debug)]
pub struct Claim {
    /// How the winner was chosen.
    pub rule: Rule,
    /// What the lottery drew.
    pub numbers: Numbers,
    /// The hash that was published at the close.
    pub sha256: Option<TicketsHash>,
    /// Who is said to have won: a ticket's number or a user.
    pub winner: Option<String>,
}

/// Who wins by the list in this file (`-`: standard input). Prints it.
///
/// # Errors
///
/// When the file cannot be read, is no list, or the claim does not hold.
pub fn verify(list: &Path, claim: &Claim) -> Result<(), Failure> {
    let shown = list.display();
    let bytes = read(list).map_err(|error| Failure::system(format!("{shown}: {error}")))?;
    let found = look(&bytes, claim).map_err(|what| Failure::other(format!("{shown}: {what}")))?;
    let said = io::stdout().lock().write_all(found.as_bytes());
    said.map_err(|error| Failure::system(format!("standard output: {error}")))
}

fn read(list: &Path) -> io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    let most = TICKETS_FILE_BYTES + 1;
    if list == Path::new("-") {
        io::stdin().lock().take(most).read_to_end(&mut bytes)?;
    } else {
        File::open(list)?.take(most).read_to_end(&mut bytes)?;
    }
    if bytes.len() as u64 == most {
        return Err(io::Error::other("it is too long for a list of tickets"));
    }
    Ok(bytes)
}

/// What to print, or what is wrong.
fn look(list: &[u8], claim: &Claim) -> Result<String, String> {
    let tickets = tickets(list)?;
    let count = u32::try_from(tickets.len()).ok().and_then(NonZeroU32::new);
    let count = count.ok_or("it has no tickets")?;
    let hash = TicketsHash::of(list);
    if let Some(said) = claim.sha256
        && said != hash
    {
        return Err(format!(
            "it is not the list with the hash {said}; its own is {hash}"
        ));
    }
    let number = claim.rule.winner(claim.numbers, count, hash);
    let winner = tickets[number as usize - 1];
    if let Some(said) = &claim.winner
        && *said != number.to_string()
        && said != winner
    {
        return Err(format!(
            "{said} did not win: ticket {number} of {winner} did"
        ));
    }
    let Claim { rule, numbers, .. } = claim;
    Ok(format!(
        "tickets {count}\nsha256 {hash}\nrule {rule}\nnumbers {numbers}\nwinner_number {number}\nwinner {winner}\n"
    ))
}

/// Whose each ticket is, from the first on.
fn tickets(list: &[u8]) -> Result<Vec<&str>, String> {
    let text = std::str::from_utf8(list).map_err(|_| "it is no text")?;
    let text = text.strip_suffix('\n').ok_or("its last line has no end")?;
    let mut users = Vec::new();
    for (line, number) in text.split('\n').zip(1..) {
        let user = line.strip_prefix(&format!("{number} "));
        let user = user.filter(|user| !user.is_empty() && !user.contains(char::is_whitespace));
        users.push(user.ok_or_else(|| format!("line {number} is not that of ticket {number}"))?);
    }
    let mut sorted = users.clone();
    sorted.sort_unstable();
    match sorted.windows(2).find(|two| two[0] == two[1]) {
        Some(two) => Err(format!("{} has more than one ticket", two[0])),
        None => Ok(users),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn claim() -> Claim {
        Claim {
            rule: Rule::Concat,
            numbers: "1,12,23,34,39".parse().unwrap(),
            sha256: None,
            winner: None,
        }
    }

    fn list(count: u32) -> String {
        let lines = (1..=count).map(|number| format!("{number} u{number}\n"));
        lines.collect()
    }

    #[test]
    fn the_worked_example_is_found() {
        let list = list(3000);
        let hash = TicketsHash::of(list.as_bytes());
        let wanted = format!(
            "tickets 3000\nsha256 {hash}\nrule concat\nnumbers 1,12,23,34,39\nwinner_number 440\nwinner u440\n"
        );
        for winner in [None, Some("440"), Some("u440")] {
            let claim = Claim {
                sha256: winner.map(|_| hash),
                winner: winner.map(str::to_owned),
                ..claim()
            };
            assert_eq!(look(list.as_bytes(), &claim).as_ref(), Ok(&wanted));
        }
    }

    #[test]
    fn what_does_not_hold_is_told() {
        let list = list(3000);
        let wrong = |claim| look(list.as_bytes(), &claim).unwrap_err();
        let other = Claim {
            winner: Some("u441".into()),
            ..claim()
        };
        assert_eq!(wrong(other), "u441 did not win: ticket 440 of u440 did");
        let other = Claim {
            sha256: Some(TicketsHash([0; 32])),
            ..claim()
        };
        assert!(wrong(other).starts_with("it is not the list with the hash 0000"));
    }

    #[test]
    fn what_is_no_list_is_told() {
        let table: [(&[u8], &str); 10] = [
            (b"", "end"),
            (b"\n", "line 1"),
            (b"1 a", "end"),
            (b"1 a\n3 b\n", "line 2"),
            (b"1 a\n2 b\n\n", "line 3"),
            (b"1 a\r\n", "line 1"),
            (b"01 a\n", "line 1"),
            (b"1 \n", "line 1"),
            (b"1 a b\n", "line 1"),
            (b"1 \xff\n", "no text"),
        ];
        for (list, what) in table {
            let told = look(list, &claim()).unwrap_err();
            assert!(told.contains(what), "{told}");
        }
        let told = look(b"1 a\n2 b\n3 a\n", &claim()).unwrap_err();
        assert_eq!(told, "a has more than one ticket");
    }
}
