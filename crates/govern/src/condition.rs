//! Conditions: CEL over `request`, compiled once and bounded in size. The one place that knows the CEL crate.

mod request;

use cel::common::ast::{EntryExpr, Expr, IdedExpr};
use cel::{Context, Env, ExecutionError, Program, Value};
pub(crate) use request::View;
use std::sync::Arc;

/// The longest condition, bytes.
const MAX_BYTES: usize = 2_048;
/// Brackets may stand within each other this deep, and there may be this many `!` and `?`: the parser goes
/// down one level of the stack for each.
const MAX_DEPTH: usize = 24;
/// Stack of the parser.
const STACK_BYTES: usize = 64 << 20;
/// Comprehensions (`all`, `exists`, `map`, `filter`) may stand within each other this deep: two go over 64 labels in 4,096 steps.
const MAX_NESTED: usize = 2;
/// And there may be this many.
const MAX_COMPREHENSIONS: usize = 8;
/// Labels and bytes of a text that a condition is asked about. A request beyond them fails the condition, so that padding evades no rule.
const MAX_LABELS: usize = 64;
const MAX_TEXT_BYTES: usize = 4_096;

/// Fields of `request`.
const FIELDS: [&str; 12] =
    ["account", "key", "user", "provider", "model", "upstream", "stream", "input_tokens", "output_tokens", "labels", "hour", "weekday"];

/// Functions that a condition may call, beside operators.
const FUNCTIONS: [&str; 11] = ["size", "contains", "startsWith", "endsWith", "int", "uint", "double", "string", "bool", "type", "dyn"];

/// A compiled condition. One evaluation of `request.model == "x" && request.input_tokens > 10` takes about half a microsecond, one that reads labels about two.
pub(crate) struct Condition {
    program: Program,
    env: Arc<Env>,
}

impl Condition {
    /// Compiles and checks a condition: it parses, names only `request` and its fields, and gives true or false for a sample.
    pub(crate) fn compile(text: &str) -> Result<Self, String> {
        if text.len() > MAX_BYTES {
            return Err(format!("the condition is {} bytes long; {MAX_BYTES} are the most", text.len()));
        }
        if depth(text) > MAX_DEPTH {
            return Err(format!("the condition is nested deeper than {MAX_DEPTH} levels; split it into several rules"));
        }
        let env = Arc::new(Env::stdlib());
        let program = parse(&env, text)?;
        let mut walk = Walk { scope: Vec::new(), nested: 0, comprehensions: 0 };
        walk.check(program.expression())?;
        let condition = Self { program, env };
        condition.try_out()?;
        Ok(condition)
    }

    /// Whether it holds.
    ///
    /// # Errors
    /// When it cannot be evaluated: a label that is not there, `null` compared with a number, a text beyond the bounds.
    pub(crate) fn holds(&self, view: &View<'_>) -> Result<bool, ()> {
        let labels =
            view.labels.len() <= MAX_LABELS && view.labels.iter().all(|(name, value)| name.len().max(value.len()) <= MAX_TEXT_BYTES);
        if !labels || view.texts().iter().any(|text| text.len() > MAX_TEXT_BYTES) {
            return Err(());
        }
        // What went wrong may quote a value of the request: it is not passed on.
        match self.run(view) {
            Ok(Value::Bool(holds)) => Ok(holds),
            _ => Err(()),
        }
    }

    fn run(&self, view: &View<'_>) -> Result<Value, ExecutionError> {
        let mut context = Context::with_env(Arc::clone(&self.env));
        context.set_variable_resolver(view);
        self.program.execute(&context)
    }

    /// Evaluates samples, so that a condition that can never be evaluated is found at once.
    fn try_out(&self) -> Result<(), String> {
        for view in request::samples() {
            match self.run(&view) {
                Ok(Value::Bool(_)) => {}
                Ok(_) => {
                    return Err(
                        "the condition gives no true or false; compare something, such as request.model == \"openai/gpt-4o\"".to_owned()
                    );
                }
                // A label that the sample has not, a cast of a text: real requests may be other.
                Err(ExecutionError::NoSuchKey(_) | ExecutionError::FunctionError { .. } | ExecutionError::DivisionByZero(_)) => {}
                Err(error) => return Err(format!("the condition cannot be evaluated: {}", one_line(&error.to_string()))),
            }
        }
        Ok(())
    }
}

/// Parses on a stack of its own: the parser takes a hundred kilobytes and more for each level.
fn parse(env: &Env, text: &str) -> Result<Program, String> {
    let parsed = std::thread::scope(|scope| {
        let thread = std::thread::Builder::new().stack_size(STACK_BYTES).spawn_scoped(scope, || env.compile(text));
        thread.map_err(|error| error.to_string())?.join().map_err(|_| "the parser gave up".to_owned())
    });
    parsed
        .map_err(|error| format!("the condition could not be parsed: {error}"))?
        .map_err(|errors| format!("the condition does not parse: {}", one_line(&errors.to_string())))
}

/// How deep a text nests at the most, without a look at what is quoted: never less than it does.
fn depth(text: &str) -> usize {
    let (mut open, mut deepest, mut signs) = (0_usize, 0, 0_usize);
    for byte in text.bytes() {
        match byte {
            b'(' | b'[' | b'{' => open += 1,
            b')' | b']' | b'}' => open = open.saturating_sub(1),
            b'!' | b'?' => signs += 1,
            _ => {}
        }
        deepest = deepest.max(open);
    }
    deepest.max(signs)
}

/// The first line of a message of the parser.
fn one_line(message: &str) -> String {
    message.lines().map(str::trim).find(|line| !line.is_empty()).unwrap_or("no reason given").to_owned()
}

/// Looks for what a condition may not hold.
struct Walk<'e> {
    /// Variables of the comprehensions around.
    scope: Vec<&'e str>,
    nested: usize,
    comprehensions: usize,
}

impl<'e> Walk<'e> {
    fn check(&mut self, node: &'e IdedExpr) -> Result<(), String> {
        match &node.expr {
            Expr::Unspecified | Expr::Literal(_) => Ok(()),
            Expr::Ident(name) => self.name(name),
            Expr::Select(select) => {
                if let Expr::Ident(name) = &select.operand.expr
                    && name == "request"
                    && !self.scope.contains(&"request")
                    && !FIELDS.contains(&select.field.as_str())
                {
                    return Err(format!(
                        "the condition names `request.{}`, which is not known; known are {}",
                        select.field,
                        FIELDS.join(", ")
                    ));
                }
                self.check(&select.operand)
            }
            Expr::Call(call) => {
                let name = call.func_name.as_str();
                if name.starts_with(|char: char| char.is_alphabetic()) && !FUNCTIONS.contains(&name) {
                    return Err(format!("the condition calls `{name}`, which is not known; known are {}", FUNCTIONS.join(", ")));
                }
                call.target.iter().try_for_each(|target| self.check(target))?;
                call.args.iter().try_for_each(|arg| self.check(arg))
            }
            Expr::List(list) => list.elements.iter().try_for_each(|element| self.check(element)),
            Expr::Map(map) => map.entries.iter().try_for_each(|entry| match &entry.expr {
                EntryExpr::MapEntry(entry) => self.check(&entry.key).and_then(|()| self.check(&entry.value)),
                EntryExpr::StructField(_) => Err("the condition builds a structure, which is of no use here".to_owned()),
            }),
            Expr::Struct(_) => Err("the condition builds a structure, which is of no use here".to_owned()),
            Expr::Comprehension(comprehension) => {
                self.comprehensions += 1;
                self.check(&comprehension.iter_range)?;
                self.nested += 1;
                if self.nested > MAX_NESTED || self.comprehensions > MAX_COMPREHENSIONS {
                    return Err(format!(
                        "the condition holds more than {MAX_COMPREHENSIONS} of `all`, `exists`, `map`, `filter`, or more than {MAX_NESTED} within each other"
                    ));
                }
                let known = self.scope.len();
                self.scope.push(&comprehension.accu_var);
                self.scope.push(&comprehension.iter_var);
                self.scope.extend(comprehension.iter_var2.as_deref());
                for part in [&comprehension.accu_init, &comprehension.loop_cond, &comprehension.loop_step, &comprehension.result] {
                    self.check(part)?;
                }
                self.scope.truncate(known);
                self.nested -= 1;
                Ok(())
            }
        }
    }

    fn name(&self, name: &str) -> Result<(), String> {
        const TYPES: [&str; 11] = ["bool", "bytes", "double", "dyn", "int", "list", "map", "null_type", "string", "type", "uint"];
        if name == "request" || self.scope.contains(&name) || name.starts_with('@') || TYPES.contains(&name) {
            return Ok(());
        }
        Err(format!("the condition names `{name}`, which is not known; everything is a field of `request`, such as request.model"))
    }
}
