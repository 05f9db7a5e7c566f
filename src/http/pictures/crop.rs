//! Of the comments that a picture has, the newest that there is room for.

use std::io::{self, Write};

use serde::Serialize;

use super::entry::{Answer, Said};

/// Leaves out the oldest comments, with what is answered to them, until the rest
/// fits; of the oldest that stays, perhaps its oldest answers. Says how many
/// comments and answers are left out.
pub(super) fn crop(comments: Vec<Said<'_>>, mut room: usize) -> (Vec<Said<'_>>, u32) {
    let all = count(&comments);
    let mut newest_first = Vec::new();
    for mut comment in comments.into_iter().rev() {
        let answers = std::mem::take(&mut comment.comment_response);
        if !fits(&comment, &mut room) {
            break;
        }
        let (has, fit) = (answers.len(), newest(&answers, &mut room));
        comment
            .comment_response
            .extend(answers.into_iter().skip(has - fit));
        newest_first.push(comment);
        if fit < has {
            break;
        }
    }
    newest_first.reverse();
    let left_out = all - count(&newest_first);
    (newest_first, left_out)
}

/// How many of them fit, from the end.
fn newest(answers: &[Answer<'_>], room: &mut usize) -> usize {
    let from_the_end = answers.iter().rev();
    from_the_end.take_while(|answer| fits(answer, room)).count()
}

/// Takes its room and a comma's, if they are there.
fn fits(value: &impl Serialize, room: &mut usize) -> bool {
    let left = room.checked_sub(length(value) + 1);
    *room = left.unwrap_or(*room);
    left.is_some()
}

fn count(comments: &[Said<'_>]) -> u32 {
    let each = comments.iter().map(|it| 1 + it.comment_response.len());
    u32::try_from(each.sum::<usize>()).expect("a picture has only so many")
}

/// As it is written.
fn length(value: &impl Serialize) -> usize {
    let mut length = Length(0);
    serde_json::to_writer(&mut length, value).expect("replies are plain structs");
    length.0
}

struct Length(usize);

impl Write for Length {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0 += bytes.len();
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use proptest::collection::vec;
    use proptest::prelude::*;

    use super::*;

    fn comment(number: usize, msg: &str, answers: &[String]) -> Said<'static> {
        let leak = |text: &str| -> &'static str { text.to_owned().leak() };
        let answer = |(at, text): (usize, &String)| Answer {
            comment_response_id: format!("{number}.{at}"),
            comment_response_own: "Bob",
            comment_response_msg: leak(text),
        };
        Said {
            comment_id: number.to_string(),
            comment_own: "Ann",
            comment_own_id: "u0",
            comment_msg: leak(msg),
            comment_response: answers.iter().enumerate().map(answer).collect(),
        }
    }

    /// All that may be left, from everything to nothing.
    fn shorter_and_shorter<'a>(all: &[Said<'a>]) -> Vec<Vec<Said<'a>>> {
        let mut left = all.to_vec();
        let mut seen = vec![left.clone()];
        while let Some(oldest) = left.first_mut() {
            if oldest.comment_response.is_empty() {
                left.remove(0);
            } else {
                oldest.comment_response.remove(0);
            }
            seen.push(left.clone());
        }
        seen
    }

    /// With a comma behind each, the last ones included.
    fn taken(comments: &[Said<'_>]) -> usize {
        let one = |it: &Said<'_>| {
            let answers = it.comment_response.len();
            length(it) + 1 + usize::from(answers > 0)
        };
        comments.iter().map(one).sum()
    }

    proptest! {
        #[test]
        fn no_more_is_left_out_than_must_be(
            texts in vec((".{0,20}", vec("[a-z\u{0}-\u{1f}\"]{0,20}", 0..4)), 0..5),
            room in 0_usize..1500,
        ) {
            let number = texts.iter().enumerate();
            let all: Vec<_> = number
                .map(|(number, (msg, answers))| comment(number, msg, answers))
                .collect();
            let (left, left_out) = crop(all.clone(), room);
            let tried = shorter_and_shorter(&all);
            let fitting = tried.iter().find(|it| taken(it) <= room);
            prop_assert_eq!(Some(&left), fitting);
            prop_assert_eq!(left_out, count(&all) - count(&left));
            prop_assert!(serde_json::to_string(&left).unwrap().len() <= room + 2);
        }
    }
}
