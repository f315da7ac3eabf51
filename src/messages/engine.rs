//! Handlebars, once for each kind of document, each strict and with the escaping that its kind needs. Knows how a file's
//! path says what the file is for. Never touches the disk and never decides what goes out.

use std::{
    collections::{BTreeMap, BTreeSet, HashMap},
    fmt,
    path::PathBuf,
};

use handlebars::{
    Context, Handlebars, Helper, HelperResult, Output, RenderContext, RenderErrorReason, Template, TemplateErrorReason,
    template::{DecoratorTemplate, TemplateElement},
};
use serde_json::Value;

use super::{
    content::{ChannelKind, Event},
    escape::{json, marked_json},
};

/// Why a template cannot be used.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub struct TemplateFault {
    /// Which file.
    pub file: PathBuf,
    /// Its line, where that is known.
    pub line: Option<usize>,
    /// What is wrong, and what to do.
    pub message: String,
}

impl fmt::Display for TemplateFault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.file.display())?;
        if let Some(line) = self.line {
            write!(f, ":{line}")?;
        }
        write!(f, ": {}", self.message)
    }
}

impl std::error::Error for TemplateFault {}

/// The kinds of document; each has a registry of its own.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub enum Medium {
    Slack,
    Teams,
    Subject,
    Text,
    Html,
    Webhook,
    Line,
}

impl Medium {
    const ALL: [Self; 7] = [Self::Slack, Self::Teams, Self::Subject, Self::Text, Self::Html, Self::Webhook, Self::Line];

    /// The folder and the ending of its files.
    fn place(self) -> (ChannelKind, &'static str) {
        match self {
            Self::Slack => (ChannelKind::Slack, "json"),
            Self::Teams => (ChannelKind::Teams, "json"),
            Self::Subject => (ChannelKind::Email, "subject"),
            Self::Text => (ChannelKind::Email, "txt"),
            Self::Html => (ChannelKind::Email, "html"),
            Self::Webhook => (ChannelKind::Webhook, "json"),
            Self::Line => (ChannelKind::Stdout, "txt"),
        }
    }

    /// The channel whose documents these are.
    pub fn channel(self) -> ChannelKind {
        self.place().0
    }

    /// Whether a value that is not escaped could break out of its place.
    fn must_escape(self) -> bool {
        !matches!(self, Self::Subject | Self::Text | Self::Line)
    }

    fn path(self, name: &str) -> PathBuf {
        let (channel, ending) = self.place();
        let parts = if Event::parse(name).is_some() { "" } else { "_parts/" };
        PathBuf::from(format!("{}/{parts}{name}.{ending}.hbs", channel.as_str()))
    }
}

/// What a file is for: which kind of document, and the name of the event or part. `None` where the path says nothing that we know.
pub fn read_path(path: &str) -> Option<(Medium, &str)> {
    let (folder, file) = path.split_once('/')?;
    let (is_part, file) = file.strip_prefix("_parts/").map_or((false, file), |file| (true, file));
    let (name, ending) = file.strip_suffix(".hbs")?.rsplit_once('.')?;
    let medium = Medium::ALL.into_iter().find(|medium| {
        let (channel, wanted) = medium.place();
        channel.as_str() == folder && wanted == ending
    })?;
    let fine = name.chars().all(|c| c.is_ascii_alphanumeric() || c == '-' || c == '_') && !name.is_empty();
    (fine && is_part != Event::parse(name).is_some()).then_some((medium, name))
}

/// Templates, parsed.
pub struct Engine {
    registries: BTreeMap<Medium, Handlebars<'static>>,
}

impl Engine {
    /// One without templates.
    pub fn new() -> Self {
        Self { registries: Medium::ALL.into_iter().map(|medium| (medium, registry(medium))).collect() }
    }

    /// Adds or replaces one. `strict_form` refuses what could break a document or never end.
    pub fn add(&mut self, medium: Medium, name: &str, text: &str, strict_form: bool) -> Result<(), TemplateFault> {
        let fault = |line, message: String| TemplateFault { file: medium.path(name), line, message };
        let mut template = Template::compile(text).map_err(|error| {
            let line = error.pos().map(|(line, _)| line);
            fault(line, not_compiled(error.reason()))
        })?;
        template.name = Some(name.to_owned());
        if strict_form {
            check_form(&template, medium).map_err(|(line, message)| fault(line, message))?;
        }
        if let Some(registry) = self.registries.get_mut(&medium) {
            registry.register_template(name, template);
        }
        Ok(())
    }

    /// The same with every part put in where it is named. Handlebars copies all of its data for each part that it
    /// renders, which is most of the time that a message takes; a fault would name the whole in place of its part,
    /// so this is for the built-in templates only, which have no faults and no circles.
    pub fn flattened(mut self) -> Self {
        for registry in self.registries.values_mut() {
            let templates = registry.get_templates().clone();
            for (name, template) in &templates {
                registry.register_template(name, flat(template, &templates));
            }
        }
        self
    }

    /// Renders the template of an event.
    pub fn render(&self, medium: Medium, event: Event, data: &Context) -> Result<String, TemplateFault> {
        let name = event.as_str();
        let fault = |name: &str, line, message| TemplateFault { file: medium.path(name), line, message };
        let registry = self.registries.get(&medium).ok_or_else(|| fault(name, None, "no such document".to_owned()))?;
        registry.render_with_context(name, data).map_err(|error| {
            let where_from = error.template_name.as_deref().unwrap_or(name);
            fault(where_from, error.line_no, said(error.reason(), data.data()))
        })
    }

    /// The first chain of parts that leads back to its beginning: rendering it would never end.
    pub fn circle(&self, medium: Medium) -> Option<TemplateFault> {
        let templates = self.registries.get(&medium)?.get_templates();
        let parts = |name: &str| templates.get(name).map(parts_of).unwrap_or_default();
        let names: BTreeSet<&String> = templates.keys().collect();
        for start in names {
            let mut seen = BTreeSet::new();
            let mut waiting: Vec<String> = parts(start).into_iter().collect();
            while let Some(part) = waiting.pop() {
                if part == *start {
                    let message = format!("\"{start}\" includes itself, directly or through others; break the circle");
                    return Some(TemplateFault { file: medium.path(start), line: None, message });
                }
                if seen.insert(part.clone()) {
                    waiting.extend(parts(&part));
                }
            }
        }
        None
    }
}

fn registry(medium: Medium) -> Handlebars<'static> {
    let mut registry = Handlebars::new();
    registry.set_strict_mode(true);
    match medium {
        Medium::Slack | Medium::Teams => registry.register_escape_fn(marked_json),
        Medium::Webhook => {
            registry.register_escape_fn(json);
            registry.register_helper("json", Box::new(write_json));
        }
        Medium::Subject | Medium::Text | Medium::Line => registry.register_escape_fn(handlebars::no_escape),
        Medium::Html => registry.register_escape_fn(handlebars::html_escape),
    }
    registry
}

/// `{{json referral}}`: a value as JSON. Only the webhook has it, whose readers are machines.
fn write_json(
    helper: &Helper<'_>,
    _: &Handlebars<'_>,
    _: &Context,
    _: &mut RenderContext<'_, '_>,
    out: &mut dyn Output,
) -> HelperResult {
    let value = helper.param(0).ok_or(RenderErrorReason::ParamNotFoundForIndex("json", 0))?;
    out.write(&serde_json::to_string(value.value()).map_err(RenderErrorReason::from)?)?;
    Ok(())
}

fn said(reason: &RenderErrorReason, data: &Value) -> String {
    match reason {
        RenderErrorReason::MissingVariable(Some(name)) => {
            let meant = nearest(name, data).map(|near| format!("did you mean \"{near}\"? ")).unwrap_or_default();
            format!(
                "\"{name}\" is not known here; {meant}The names that a template can use stand in templates/README.md"
            )
        }
        other => format!("{other}; mend the template"),
    }
}

/// The name that was probably meant, of those at the top, those in a table there, and those of a list's members.
fn nearest(name: &str, data: &Value) -> Option<String> {
    let mut names = BTreeSet::new();
    for (name, value) in data.as_object()? {
        names.insert(name.clone());
        match value {
            Value::Object(below) => names.extend(below.keys().map(|key| format!("{name}.{key}"))),
            Value::Array(members) => {
                names.extend(members.iter().filter_map(Value::as_object).flat_map(|member| member.keys().cloned()));
            }
            _ => {}
        }
    }
    let near = names.into_iter().map(|known| (strsim::damerau_levenshtein(name, &known), known)).min()?;
    (near.0 <= (name.chars().count() / 3).max(1)).then_some(near.1)
}

/// Why a template is no template. What the parser would have taken instead says nothing to whoever wrote it.
fn not_compiled(reason: &TemplateErrorReason) -> String {
    match reason {
        TemplateErrorReason::InvalidSyntax(_) => {
            "the Handlebars syntax is broken here; close each {{ with }}, and each {{#if …}} with {{/if}}".to_owned()
        }
        other => format!("{other}; mend the Handlebars syntax"),
    }
}

/// Refuses unescaped values where they could break the document, and parts whose name is only known while rendering.
fn check_form(template: &Template, medium: Medium) -> Result<(), (Option<usize>, String)> {
    for (index, element) in template.elements.iter().enumerate() {
        let line = template.mapping.get(index).map(|mapping| mapping.0);
        match element {
            TemplateElement::HtmlExpression(_) if medium.must_escape() => {
                let message = "\"{{{…}}}\" and \"{{&…}}\" put a value in unescaped, so a stranger's text could break out; write {{…}}";
                return Err((line, message.to_owned()));
            }
            TemplateElement::DecoratorExpression(_) | TemplateElement::DecoratorBlock(_) => {
                let message = "inline parts are not supported; put the part into a file of its own in _parts";
                return Err((line, message.to_owned()));
            }
            TemplateElement::PartialExpression(part) | TemplateElement::PartialBlock(part)
                if part.name.as_name().is_none() =>
            {
                return Err((line, "the name of a part must be written out".to_owned()));
            }
            _ => {}
        }
        for inner in inner(element) {
            check_form(inner, medium)?;
        }
    }
    Ok(())
}

fn inner(element: &TemplateElement) -> impl Iterator<Item = &Template> {
    let (first, second) = match element {
        TemplateElement::HelperBlock(block) => (block.template.as_ref(), block.inverse.as_ref()),
        TemplateElement::PartialExpression(part) | TemplateElement::PartialBlock(part) => {
            (part.template.as_ref(), None)
        }
        _ => (None, None),
    };
    first.into_iter().chain(second)
}

fn flat(template: &Template, parts: &HashMap<String, Template>) -> Template {
    let mut whole = Template::default();
    whole.name.clone_from(&template.name);
    for (element, mapping) in template.elements.iter().zip(&template.mapping) {
        let mut element = element.clone();
        match &mut element {
            TemplateElement::PartialExpression(named) => {
                if let Some(part) = part_name(named).and_then(|name| parts.get(&name)) {
                    let part = flat(part, parts);
                    whole.elements.extend(part.elements);
                    whole.mapping.extend(part.mapping);
                    continue;
                }
            }
            TemplateElement::HelperBlock(block) => {
                for inner in [&mut block.template, &mut block.inverse].into_iter().flatten() {
                    *inner = flat(inner, parts);
                }
            }
            _ => {}
        }
        whole.elements.push(element);
        whole.mapping.push(mapping.clone());
    }
    whole
}

fn parts_of(template: &Template) -> BTreeSet<String> {
    let mut parts = BTreeSet::new();
    for element in &template.elements {
        if let TemplateElement::PartialExpression(part) | TemplateElement::PartialBlock(part) = element {
            parts.extend(part_name(part));
        }
        for inner in inner(element) {
            parts.extend(parts_of(inner));
        }
    }
    parts
}

fn part_name(part: &DecoratorTemplate) -> Option<String> {
    part.name.as_name().map(str::to_owned)
}

/// What a parsed document must be to be sent.
pub fn parsed(medium: Medium, event: Event, text: &str) -> Result<Value, TemplateFault> {
    serde_json::from_str(text).map_err(|error| TemplateFault {
        file: medium.path(event.as_str()),
        line: None,
        message: format!("what it renders is not JSON: {error}, counted in the rendered text; mend the template"),
    })
}

/// A fault of a document that cannot be sent although it parses.
pub fn unusable(medium: Medium, event: Event, message: &str) -> TemplateFault {
    TemplateFault { file: medium.path(event.as_str()), line: None, message: message.to_owned() }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn a_name_that_is_not_known_is_told_with_the_nearest_that_is() {
        let data = json!({"customer": "x", "referral": {"name": "y"}, "items": [{"deadline": "z"}]});
        let told = |text: &str| {
            let mut engine = Engine::new();
            engine.add(Medium::Line, "new", text, true).unwrap();
            engine.render(Medium::Line, Event::New, &Context::wraps(&data).unwrap()).unwrap_err().message
        };
        for (text, near) in [
            ("{{custmer}}", Some("customer")),
            ("{{referral.nmae}}", Some("referral.name")),
            ("{{#each items}}{{dedline}}{{/each}}", Some("deadline")),
            ("{{something_else}}", None),
        ] {
            let told = told(text);
            assert_eq!(told.split_once("did you mean \"").and_then(|(_, near)| near.split('"').next()), near, "{told}");
            assert!(told.ends_with("stand in templates/README.md"), "{told}");
        }
    }
}
