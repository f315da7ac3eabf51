//! Makes a condition of tokens: one function per level of precedence, from `or`, which binds loosest, to the operand.
//! Whatever would be a condition that can never hold by mistake is a fault that says what to write. Must never recurse
//! deeper than `DEEPEST`, whatever it is given.

use std::ops::Range;

use super::{
    LONGEST, advice,
    expression::{Comparison, Condition, From, Literal, Operand, Path, Quantifier, Relation, TextFunction},
    fault::FilterFault,
    fields::{self, Kind},
    lex::{self, Placed, Token},
};

/// Parentheses, `not`, functions and lambdas inside each other.
const DEEPEST: usize = 64;
/// `any` and `all` inside each other: each level multiplies the work.
const DEEPEST_LAMBDA: usize = 4;
/// Values of one `in`.
const LONGEST_LIST: usize = 1000;

/// An expression that was read.
pub(super) struct Parsed {
    pub(super) condition: Condition,
    /// In the order of the text.
    pub(super) paths: Vec<(String, Range<usize>)>,
}

/// An operand and its place.
pub(super) type Spanned = (Operand, Range<usize>);

/// Reads a whole expression.
pub(super) fn parse(source: &str) -> Result<Parsed, FilterFault> {
    if source.len() > LONGEST {
        let message = format!("the expression is longer than {LONGEST} bytes; split it into several rules");
        return Err(FilterFault::new(source.floor_char_boundary(LONGEST)..source.len(), message));
    }
    let tokens = lex::tokens(source)?;
    if tokens.is_empty() {
        return Err(FilterFault::new(0..0, "the expression is empty; write a condition such as status eq 'New'"));
    }
    let mut parser = Parser { source, tokens, next: 0, depth: 0, variables: Vec::new(), paths: Vec::new() };
    let condition = parser.condition()?;
    if let Some((token, at)) = parser.tokens.get(parser.next) {
        return Err(parser.trailing(token, at.clone()));
    }
    parser.paths.sort_by_key(|(_, at)| at.start);
    Ok(Parsed { condition, paths: parser.paths })
}

struct Parser<'s> {
    source: &'s str,
    tokens: Vec<Placed<'s>>,
    next: usize,
    depth: usize,
    /// The variables in force with the list each runs over, the innermost last.
    variables: Vec<(&'s str, String)>,
    paths: Vec<(String, Range<usize>)>,
}

impl<'s> Parser<'s> {
    fn condition(&mut self) -> Result<Condition, FilterFault> {
        let operand = self.either()?;
        self.as_condition(operand)
    }

    /// `a or b or c`
    fn either(&mut self) -> Result<Spanned, FilterFault> {
        self.chain("or", Self::both, Condition::Or)
    }

    /// `a and b and c`
    fn both(&mut self) -> Result<Spanned, FilterFault> {
        self.chain("and", Self::relation, Condition::And)
    }

    fn chain(
        &mut self,
        word: &str,
        part: fn(&mut Self) -> Result<Spanned, FilterFault>,
        join: fn(Vec<Condition>) -> Condition,
    ) -> Result<Spanned, FilterFault> {
        let first = part(self)?;
        if self.peek_word() != Some(word) {
            return Ok(first);
        }
        let start = first.1.start;
        let mut parts = vec![self.as_condition(first)?];
        while self.take_word(word) {
            let next = part(self)?;
            parts.push(self.as_condition(next)?);
        }
        Ok((Operand::Condition(Box::new(join(parts))), start..self.last_end()))
    }

    /// `a eq b`, `a in (b, c)`, or an operand alone.
    fn relation(&mut self) -> Result<Spanned, FilterFault> {
        let left = self.unary()?;
        let start = left.1.start;
        let condition = if self.take_word("in") {
            let list = self.list(&left)?;
            Condition::one_of(left.0, list)
        } else if let Some(relation) = self.take_relation() {
            let right = self.unary()?;
            advice::check_kinds(&left, &right)?;
            Condition::Compare(Comparison::new(left.0, relation, right.0))
        } else if self.peek_word().is_some_and(|word| word != "and" && word != "or") {
            return Err(self.expected_to_go_on("a comparison, `and` or `or`"));
        } else {
            return Ok(left);
        };
        if let Some(word) = self.peek_relation() {
            return Err(self.fault(format!(
                "a second comparison, `{word}`, follows at once; join two comparisons with `and` or `or`"
            )));
        }
        Ok((Operand::Condition(Box::new(condition)), start..self.last_end()))
    }

    /// `not a`, which binds tighter than a comparison.
    fn unary(&mut self) -> Result<Spanned, FilterFault> {
        let start = self.place().start;
        if !self.take_word("not") {
            return self.primary();
        }
        let negated = self.nested(Self::unary)?;
        if let Some(relation) = self.peek_relation()
            && !may_be_flag(&negated.0)
        {
            let operand = self.text(&negated.1);
            let message =
                format!("`not` binds tighter than `{relation}`; write `not ({operand} {relation} …)` with parentheses");
            return Err(FilterFault::new(start..negated.1.end, message));
        }
        let condition = Condition::Not(Box::new(self.as_condition(negated)?));
        Ok((Operand::Condition(Box::new(condition)), start..self.last_end()))
    }

    /// A literal, a path, a function, or anything in parentheses.
    fn primary(&mut self) -> Result<Spanned, FilterFault> {
        let at = self.place();
        let Some((token, _)) = self.tokens.get(self.next).cloned() else {
            return Err(self.expected("a condition such as status eq 'New'"));
        };
        match token {
            Token::Open => {
                self.next += 1;
                let (operand, _) = self.nested(Self::either)?;
                self.close(&at)?;
                Ok((operand, at.start..self.last_end()))
            }
            Token::Literal(literal) => {
                self.next += 1;
                Ok((Operand::Literal(literal), at))
            }
            Token::Word(word) => self.word(word),
            _ => Err(self.expected("a path, a value, a function or `(`")),
        }
    }

    fn word(&mut self, word: &'s str) -> Result<Spanned, FilterFault> {
        let at = self.place();
        if self.tokens.get(self.next + 1).is_some_and(|(token, _)| *token == Token::Open) && !is_operator(word) {
            return self.function(word);
        }
        let literal = match word {
            "true" => Literal::Flag(true),
            "false" => Literal::Flag(false),
            "null" => Literal::Null,
            _ if is_operator(word) => {
                return Err(self.expected("a path, a value, a function or `(`"));
            }
            _ if ["true", "false", "null", "not"].contains(&&*word.to_ascii_lowercase()) => {
                let lower = word.to_ascii_lowercase();
                return Err(FilterFault::new(at, format!("`{word}` is written in lower case: `{lower}`")));
            }
            _ => return self.path(),
        };
        self.next += 1;
        Ok((Operand::Literal(literal), at))
    }

    /// `contains(a, b)` and its like.
    fn function(&mut self, name: &str) -> Result<Spanned, FilterFault> {
        let at = self.place();
        let open = self.tokens.get(self.next + 1).map_or_else(|| at.clone(), |(_, open)| open.clone());
        let text_function = TextFunction::ALL.into_iter().find(|(known, _)| *known == name);
        if text_function.is_none() && name != "tolower" {
            return Err(FilterFault::new(at, advice::unknown_function(name)));
        }
        self.next += 2;
        let text = self.argument(name)?;
        let operand = match text_function {
            None => Operand::Lower(Box::new(text)),
            Some((_, function)) => {
                if !self.take(&Token::Comma) {
                    return Err(self.expected(&format!("`,` and what to look for: {name}(text, 'part')")));
                }
                let part = self.argument(name)?;
                Operand::Condition(Box::new(Condition::Text { function, text, part }))
            }
        };
        if self.peek() == Some(&Token::Comma) {
            let takes = if text_function.is_some() { "two arguments" } else { "one argument" };
            return Err(self.fault(format!("`{name}` takes {takes}; close it here with `)`")));
        }
        self.close(&open)?;
        Ok((operand, at.start..self.last_end()))
    }

    /// An argument of a function over text.
    fn argument(&mut self, function: &str) -> Result<Operand, FilterFault> {
        let (operand, at) = self.nested(Self::either)?;
        let known = match &operand {
            Operand::Literal(Literal::Text(_) | Literal::Guid(_) | Literal::Null) | Operand::Lower(_) => true,
            Operand::Literal(_) | Operand::Condition(_) => false,
            Operand::Path(path) => !matches!(path.kind, Some(Kind::Flag | Kind::Number | Kind::List | Kind::Object)),
        };
        if known {
            return Ok(operand);
        }
        let given = self.text(&at);
        Err(FilterFault::new(at, format!("`{function}` works on text, and `{given}` is none; give a path or 'text'")))
    }

    /// `(a, b, c)` after `in`.
    fn list(&mut self, left: &Spanned) -> Result<Vec<Literal>, FilterFault> {
        let open = self.place();
        if !self.take(&Token::Open) {
            return Err(self.expected("a list in parentheses, such as ('HU', 'CZ'), after `in`"));
        }
        let mut list = Vec::new();
        loop {
            let (operand, at) = match self.peek() {
                Some(Token::Literal(_) | Token::Word("true" | "false" | "null")) => self.primary()?,
                _ => return Err(self.expected("a value such as 'HU' in the list of `in`")),
            };
            if list.len() == LONGEST_LIST {
                return Err(FilterFault::new(at, format!("`in` takes at most {LONGEST_LIST} values")));
            }
            let item = (operand, at);
            advice::check_kinds(left, &item)?;
            if let Operand::Literal(literal) = item.0 {
                list.push(literal);
            }
            if !self.take(&Token::Comma) {
                if self.next < self.tokens.len() && self.peek() != Some(&Token::Close) {
                    return Err(self.expected("`,` or `)` in the list of `in`"));
                }
                self.close(&open)?;
                return Ok(list);
            }
        }
    }

    /// `customerProfile/address/country`, `t/email`, `team/any(t: …)`.
    fn path(&mut self) -> Result<Spanned, FilterFault> {
        let start = self.place().start;
        let mut names = Vec::new();
        let mut quantifier = None;
        loop {
            let (word, at) = match self.tokens.get(self.next) {
                Some((Token::Word(word), at)) if names.is_empty() || !is_operator(word) => (*word, at.clone()),
                _ => return Err(self.expected("a name after `/`")),
            };
            let called = self.tokens.get(self.next + 1).is_some_and(|(token, _)| *token == Token::Open);
            // `in (` and `and (` are no calls: they only follow a path.
            if called && !names.is_empty() {
                quantifier = Some(quantifier_named(word, at)?);
                break;
            }
            self.next += 1;
            names.push(word);
            if !self.take(&Token::Slash) {
                break;
            }
        }
        let end = match quantifier {
            // Up to the `/` before `any`.
            Some(_) => self.place_before(2).end,
            None => self.last_end(),
        };
        let (path, resolved) = self.resolve(&names, start..end)?;
        match quantifier {
            None => Ok((Operand::Path(path), start..end)),
            Some(quantifier) => self.lambda(start, path, resolved, quantifier),
        }
    }

    /// Finds where a path starts and what is known to stand there, and remembers it.
    fn resolve(&mut self, names: &[&'s str], at: Range<usize>) -> Result<(Path, String), FilterFault> {
        let (first, rest) = names.split_first().map_or(("", names), |(first, rest)| (*first, rest));
        let bound = self.variables.iter().rev().enumerate().find(|(_, (name, _))| *name == first);
        let (from, base, own) = match bound {
            Some((hops, (_, list))) => (From::Member(hops), list.clone(), rest),
            None => (From::Subject, String::new(), names),
        };
        let mut resolved = base;
        for (i, name) in own.iter().enumerate() {
            let below_list = i > 0 && fields::kind(&resolved) == Some(Kind::List);
            if below_list {
                let message = format!("`{resolved}` is a list; write {resolved}/any(x: x/{name} …) to ask its members");
                return Err(FilterFault::new(at, message));
            }
            if !resolved.is_empty() {
                resolved.push('/');
            }
            resolved.push_str(name);
        }
        // A variable alone is a member of the list, not the list.
        let kind = if own.is_empty() { None } else { fields::kind(&resolved) };
        if !own.is_empty() {
            self.paths.push((resolved.clone(), at));
        }
        Ok((Path { from, names: own.iter().map(|name| Box::from(*name)).collect(), kind }, resolved))
    }

    /// What follows `team/`: `any()`, `any(t: …)`, `all(t: …)`.
    fn lambda(
        &mut self,
        start: usize,
        list: Path,
        resolved: String,
        quantifier: Quantifier,
    ) -> Result<Spanned, FilterFault> {
        self.next += 1;
        let open = self.place();
        self.next += 1;
        let test = if quantifier == Quantifier::Any && self.peek() == Some(&Token::Close) {
            None
        } else {
            let variable = self.variable()?;
            if self.variables.len() == DEEPEST_LAMBDA {
                let message = format!("`any` and `all` stand at most {DEEPEST_LAMBDA} deep inside each other");
                return Err(FilterFault::new(start..open.end, message));
            }
            self.variables.push((variable, resolved));
            let test = self.nested(Self::condition)?;
            self.variables.pop();
            Some(Box::new(test))
        };
        self.close(&open)?;
        let members = Condition::Members { quantifier, list, test };
        Ok((Operand::Condition(Box::new(members)), start..self.last_end()))
    }

    /// `t:`
    fn variable(&mut self) -> Result<&'s str, FilterFault> {
        let Some(&Token::Word(variable)) = self.peek() else {
            return Err(self.expected("a variable and a condition, such as any(x: x/id eq 'a')"));
        };
        if is_operator(variable) || ["true", "false", "null"].contains(&variable) {
            return Err(self.fault(format!("`{variable}` cannot be a variable; take another name")));
        }
        if self.variables.iter().any(|(name, _)| *name == variable) {
            return Err(
                self.fault(format!("`{variable}` already stands for a member of the outer list; take another name"))
            );
        }
        self.next += 1;
        if !self.take(&Token::Colon) {
            return Err(self.expected(&format!(
                "`:` after the variable `{variable}`, as in any({variable}: {variable}/id eq 'a')"
            )));
        }
        Ok(variable)
    }

    /// Takes an operand as true or false, or says why it is neither.
    fn as_condition(&self, (operand, at): Spanned) -> Result<Condition, FilterFault> {
        let given = self.text(&at);
        let message = match operand {
            Operand::Condition(condition) => return Ok(*condition),
            Operand::Literal(Literal::Flag(_)) => return Ok(Condition::Holds(operand)),
            Operand::Path(Path { kind: None | Some(Kind::Flag | Kind::Anything), .. }) => {
                return Ok(Condition::Holds(operand));
            }
            Operand::Path(Path { kind: Some(Kind::List), .. }) => {
                format!("`{given}` is a list, no condition; `{given}/any()` asks whether it has members")
            }
            Operand::Path(_) | Operand::Lower(_) => {
                format!("`{given}` alone is no condition; compare it, as in `{given} eq …`")
            }
            Operand::Literal(_) => format!("`{given}` alone is no condition; compare something with it"),
        };
        Err(FilterFault::new(at, message))
    }

    /// Goes one level deeper.
    fn nested<T>(&mut self, read: fn(&mut Self) -> Result<T, FilterFault>) -> Result<T, FilterFault> {
        if self.depth == DEEPEST {
            return Err(self.fault(format!("the expression is nested deeper than {DEEPEST} levels; write it flatter")));
        }
        self.depth += 1;
        let read = read(self);
        self.depth -= 1;
        read
    }

    fn close(&mut self, open: &Range<usize>) -> Result<(), FilterFault> {
        if self.take(&Token::Close) {
            return Ok(());
        }
        if self.next == self.tokens.len() {
            return Err(FilterFault::new(open.clone(), "this parenthesis is not closed; end it with `)`"));
        }
        Err(self.expected_to_go_on("a comparison, `and`, `or` or `)`"))
    }

    fn trailing(&self, token: &Token<'_>, at: Range<usize>) -> FilterFault {
        match token {
            Token::Close => FilterFault::new(at, "this `)` closes nothing; leave it out"),
            Token::Comma => {
                self.expected("a number without separators, such as 1500, or a list in parentheses after `in`")
            }
            _ => self.expected_to_go_on("a comparison, `and` or `or`"),
        }
    }

    /// A fault at what stands where an operator should.
    fn expected_to_go_on(&self, otherwise: &str) -> FilterFault {
        let meant = self.peek_word().and_then(advice::instead_of);
        self.expected(meant.as_deref().unwrap_or(otherwise))
    }

    fn expected(&self, what: &str) -> FilterFault {
        let at = self.place();
        if at.is_empty() {
            return FilterFault::new(at, format!("the expression ends here; expected {what}"));
        }
        let found = self.text(&at);
        FilterFault::new(at, format!("found `{found}`; expected {what}"))
    }

    /// A fault at the next token.
    fn fault(&self, message: String) -> FilterFault {
        FilterFault::new(self.place(), message)
    }

    fn text(&self, at: &Range<usize>) -> &'s str {
        self.source.get(at.clone()).unwrap_or_default()
    }

    /// The place of the next token, or the end.
    fn place(&self) -> Range<usize> {
        let end = self.last_end();
        self.tokens.get(self.next).map_or(end..end, |(_, at)| at.clone())
    }

    fn place_before(&self, tokens: usize) -> Range<usize> {
        self.next.checked_sub(tokens).and_then(|i| self.tokens.get(i)).map_or(0..0, |(_, at)| at.clone())
    }

    /// Where the last token that was taken ends.
    fn last_end(&self) -> usize {
        self.place_before(1).end
    }

    fn peek(&self) -> Option<&Token<'s>> {
        self.tokens.get(self.next).map(|(token, _)| token)
    }

    fn peek_word(&self) -> Option<&'s str> {
        match self.peek() {
            Some(Token::Word(word)) => Some(*word),
            _ => None,
        }
    }

    fn peek_relation(&self) -> Option<&'s str> {
        self.peek_word().filter(|word| *word == "in" || relation_named(word).is_some())
    }

    fn take(&mut self, token: &Token<'_>) -> bool {
        let there = self.peek() == Some(token);
        self.next += usize::from(there);
        there
    }

    fn take_word(&mut self, word: &str) -> bool {
        self.take(&Token::Word(word))
    }

    fn take_relation(&mut self) -> Option<Relation> {
        let relation = self.peek_word().and_then(relation_named)?;
        self.next += 1;
        Some(relation)
    }
}

fn relation_named(word: &str) -> Option<Relation> {
    Relation::ALL.into_iter().find(|(name, _)| *name == word).map(|(_, relation)| relation)
}

pub(super) fn is_operator(word: &str) -> bool {
    ["and", "or", "not", "in"].contains(&word) || relation_named(word).is_some()
}

fn quantifier_named(word: &str, at: Range<usize>) -> Result<Quantifier, FilterFault> {
    match word {
        "any" => Ok(Quantifier::Any),
        "all" => Ok(Quantifier::All),
        _ => Err(FilterFault::new(at, format!("`{word}` is not known after a path; write `any(x: …)` or `all(x: …)`"))),
    }
}

/// Whether `not` before it and a comparison after it can be meant.
fn may_be_flag(operand: &Operand) -> bool {
    match operand {
        Operand::Condition(_) | Operand::Literal(Literal::Flag(_)) => true,
        Operand::Path(path) => path.kind == Some(Kind::Flag),
        Operand::Literal(_) | Operand::Lower(_) => false,
    }
}
