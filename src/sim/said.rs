//! What a handset says, as a line and as the model takes it.

/// One message from a handset.
#[derive(Clone, Debug)]
pub(super) enum Said {
    Join {
        user: &'static str,
        gender: bool,
        find: bool,
        guys: u32,
        token: Option<String>,
    },
    Talk {
        to: String,
        talk: Option<u64>,
        number: u64,
    },
    End {
        to: String,
        talk: Option<u64>,
        text: String,
        refuse: bool,
    },
    Word {
        to: String,
        talk: Option<u64>,
        text: String,
    },
    Next {
        to: Option<String>,
        talk: Option<u64>,
        text: String,
    },
    Pass,
    Leave,
    Beat,
    /// With the error that answers it.
    Rubbish(&'static str, &'static str),
}

impl Said {
    /// The line of `user`, without its end.
    pub(super) fn line(&self, user: &str, named: bool) -> String {
        let talk = |talk: &Option<u64>| {
            talk.map_or(String::new(), |talk| format!(r#","talkId":"{talk}""#))
        };
        let (number, name, body) = match self {
            Said::Join {
                user,
                gender,
                find,
                guys,
                token,
            } => {
                let token = token.as_ref();
                let token = token.map_or(String::new(), |text| format!(r#","token":"{text}""#));
                let [gender, find] = [gender, find].map(|&man| if man { "M" } else { "F" });
                let body = format!(
                    r#"{{"userId":"{user}","nickname":"{user} {guys}","gender":"{gender}","findGender":"{find}","guys":{guys}{token}}}"#
                );
                (1, "join", body)
            }
            Said::Pass => (3, "pass_req", format!(r#"{{"youId":"{user}"}}"#)),
            Said::Talk {
                to,
                talk: id,
                number,
            } => {
                let id = talk(id);
                let body = format!(r#"{{"yourId":"{user}","toId":"{to}","msg":"{number}"{id}}}"#);
                (6, "talking", body)
            }
            Said::End {
                to,
                talk: id,
                text,
                refuse,
            } => {
                let (id, refuse) = (talk(id), u8::from(*refuse));
                let body = format!(
                    r#"{{"yourId":"{user}","toId":"{to}","msg":"{text}","seeAgain":{refuse}{id}}}"#
                );
                (7, "talk_end", body)
            }
            Said::Word { to, talk: id, text } => {
                let id = talk(id);
                let body =
                    format!(r#"{{"youId":"{user}","toId":"{to}","endmessage":"{text}"{id}}}"#);
                (8, "send_end_msg", body)
            }
            Said::Next { to, talk: id, text } => {
                let id = talk(id);
                let to = to.as_ref();
                let to = to.map_or(String::new(), |to| format!(r#","toId":"{to}""#));
                let body = format!(r#"{{"youId":"{user}","endmessage":"{text}"{to}{id}}}"#);
                (10, "next_one", body)
            }
            Said::Leave => (13, "leave", format!(r#"{{"youId":"{user}"}}"#)),
            Said::Beat => return String::new(),
            Said::Rubbish(line, _) => return (*line).to_owned(),
        };
        if named {
            format!(r#"{{"msgType":"{name}","msg":{body}}}"#)
        } else {
            format!("{number}#{body}")
        }
    }
}
