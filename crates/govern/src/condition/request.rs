//! `request` as conditions see it: a map whose fields are looked up when they are asked for.

use super::FIELDS;
use crate::calendar;
use cel::ExecutionError;
use cel::common::traits::{Container, Indexer};
use cel::common::types::{CelBool, CelInt, CelMap, CelNull, CelString, Type};
use cel::common::value::{CowVal, Val};
use cel::context::VariableResolver;
use std::collections::HashMap;

/// What is known of a request, as rules see it. An empty text is "not stated".
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct View<'a> {
    pub(crate) account: &'a str,
    pub(crate) key: &'a str,
    pub(crate) user: &'a str,
    pub(crate) provider: &'a str,
    pub(crate) model: &'a str,
    pub(crate) upstream: &'a str,
    pub(crate) stream: Option<bool>,
    pub(crate) input_tokens: Option<i64>,
    pub(crate) output_tokens: Option<i64>,
    pub(crate) labels: &'a [(String, String)],
    pub(crate) at_ms: i64,
}

impl View<'_> {
    pub(super) fn texts(&self) -> [&str; 6] {
        [self.account, self.key, self.user, self.provider, self.model, self.upstream]
    }
}

/// Requests that conditions are tried on: one that states everything.
pub(super) fn samples() -> [View<'static>; 1] {
    [View {
        account: "acme/support",
        key: "k_00000000",
        user: "someone",
        provider: "openai",
        model: "openai/gpt-4o",
        upstream: "openai",
        stream: Some(true),
        input_tokens: Some(1_000),
        output_tokens: Some(500),
        labels: &[],
        at_ms: 0,
    }]
}

impl VariableResolver for View<'_> {
    fn resolve<'b>(&'b self, variable: &str) -> Option<CowVal<'b, 'b>> {
        (variable == "request").then(|| CowVal::owned(Request(*self)))
    }
}

/// The value of the variable `request`.
#[derive(Debug, Clone, Copy)]
struct Request<'a>(View<'a>);

impl<'a> Request<'a> {
    fn field(&self, name: &str) -> Result<Box<dyn Val + 'a>, ExecutionError> {
        let text = |text: &'a str| -> Box<dyn Val + 'a> { Box::new(CelString::from(text)) };
        let number = |number: Option<i64>| -> Box<dyn Val + 'a> {
            match number {
                Some(number) => Box::new(CelInt::from(number)),
                None => Box::new(CelNull),
            }
        };
        let view = &self.0;
        Ok(match name {
            "account" => text(view.account),
            "key" => text(view.key),
            "user" => text(view.user),
            "provider" => text(view.provider),
            "model" => text(view.model),
            "upstream" => text(view.upstream),
            "stream" => match view.stream {
                Some(stream) => Box::new(CelBool::from(stream)),
                None => Box::new(CelNull),
            },
            "input_tokens" => number(view.input_tokens),
            "output_tokens" => number(view.output_tokens),
            "labels" => {
                let labels = view.labels.iter().map(|(name, value)| (name.as_str().into(), text(value)));
                Box::new(CelMap::from(labels.collect::<HashMap<_, _>>()))
            }
            "hour" => number(Some(calendar::hour_and_weekday(view.at_ms).0)),
            "weekday" => number(Some(calendar::hour_and_weekday(view.at_ms).1)),
            _ => return Err(ExecutionError::no_such_key(name)),
        })
    }
}

impl Val for Request<'_> {
    fn get_type(&self) -> &Type {
        <Self as Val>::cel_type()
    }

    fn cel_type() -> &'static Type {
        &cel::common::types::MAP_TYPE
    }

    fn as_indexer<'b, 'v>(&'b self) -> Option<&'b (dyn Indexer + 'v)>
    where
        Self: 'v,
    {
        Some(self)
    }

    fn as_container(&self) -> Option<&dyn Container> {
        Some(self)
    }

    fn clone_as_boxed<'v>(&self) -> Box<dyn Val + 'v>
    where
        Self: 'v,
    {
        Box::new(*self)
    }
}

impl Container for Request<'_> {
    fn contains(&self, value: &dyn Val) -> Result<bool, ExecutionError> {
        Ok(value.downcast_ref::<CelString>().is_some_and(|name| FIELDS.contains(&name.inner())))
    }
}

impl Indexer for Request<'_> {
    fn get<'b, 'v>(&'b self, index: &dyn Val) -> Result<CowVal<'b, 'v>, ExecutionError>
    where
        Self: 'v,
    {
        let name = index.downcast_ref::<CelString>().ok_or_else(|| ExecutionError::no_such_key("no text"))?;
        self.field(name.inner()).map(CowVal::Owned)
    }

    fn steal<'v>(self: Box<Self>, index: &dyn Val) -> Result<Box<dyn Val + 'v>, ExecutionError>
    where
        Self: 'v,
    {
        self.get(index).map(CowVal::into_owned)
    }
}
