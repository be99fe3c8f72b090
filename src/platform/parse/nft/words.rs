//! A rule of the text listing, word by word.

/// Splits a line into words. Quoted text is one word and keeps its opening quote, so that it is
/// never taken for a keyword; braces, brackets and commas stand alone, comments are left out.
pub fn words(line: &str) -> Vec<String> {
    let mut words = Vec::new();
    let mut word = String::new();
    let mut characters = line.chars();
    while let Some(character) = characters.next() {
        match character {
            '"' => {
                words.extend(taken(&mut word));
                let text: String = characters.by_ref().take_while(|c| *c != '"').collect();
                words.push(format!("\"{text}"));
            }
            '{' | '}' | ',' | ';' | '(' | ')' => {
                words.extend(taken(&mut word));
                words.push(character.to_string());
            }
            '#' if word.is_empty() => break,
            character if character.is_whitespace() => words.extend(taken(&mut word)),
            character => word.push(character),
        }
    }
    words.extend(taken(&mut word));
    words
}

fn taken(word: &mut String) -> Option<String> {
    (!word.is_empty()).then(|| std::mem::take(word))
}

/// A word without the mark of a quoted one.
pub fn unquoted(word: &str) -> &str {
    word.strip_prefix('"').unwrap_or(word)
}
