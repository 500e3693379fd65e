//! `sum` over integers that cannot overflow: the result is a whole decimal of 38 digits.
//!
//! The engine's own sum of 64-bit integers wraps around silently.

use crate::schema::WIDE;
use arrow::array::{Array, ArrayRef, AsArray, BooleanArray, Decimal128Array, Int64Array};
use arrow::buffer::{NullBuffer, ScalarBuffer};
use arrow::datatypes::{DataType, Decimal128Type, Field, FieldRef, Int64Type};
use datafusion::common::{Result, ScalarValue};
use datafusion::functions_aggregate::sum::Sum;
use datafusion::logical_expr::function::{AccumulatorArgs, StateFieldsArgs};
use datafusion::logical_expr::utils::format_state_name;
use datafusion::logical_expr::{Accumulator, AggregateUDFImpl, EmitTo, GroupsAccumulator, Signature};
use std::collections::HashSet;
use std::sync::Arc;

/// `sum`, exact for integers; everything else goes to the engine's own.
#[derive(Debug, Default, PartialEq, Eq, Hash)]
pub(crate) struct ExactSum {
    own: Sum,
}

fn whole(fields: &[FieldRef]) -> bool {
    fields.first().is_some_and(|field| *field.data_type() == DataType::Int64)
}

impl AggregateUDFImpl for ExactSum {
    fn name(&self) -> &str {
        "sum"
    }
    fn signature(&self) -> &Signature {
        self.own.signature()
    }
    fn return_type(&self, types: &[DataType]) -> Result<DataType> {
        if types.first() == Some(&DataType::Int64) { Ok(WIDE) } else { self.own.return_type(types) }
    }
    fn state_fields(&self, args: StateFieldsArgs) -> Result<Vec<FieldRef>> {
        if !whole(args.input_fields) {
            return self.own.state_fields(args);
        }
        let name = format_state_name(args.name, "sum");
        let field = if args.is_distinct {
            Field::new_list(name, Field::new_list_field(DataType::Int64, true), true)
        } else {
            Field::new(name, WIDE, true)
        };
        Ok(vec![field.into()])
    }
    fn accumulator(&self, args: AccumulatorArgs) -> Result<Box<dyn Accumulator>> {
        if !whole(args.expr_fields) {
            return self.own.accumulator(args);
        }
        if args.is_distinct { Ok(Box::new(Distinct::default())) } else { Ok(Box::new(Running::default())) }
    }
    fn create_sliding_accumulator(&self, args: AccumulatorArgs) -> Result<Box<dyn Accumulator>> {
        if !whole(args.expr_fields) {
            return self.own.create_sliding_accumulator(args);
        }
        self.accumulator(args)
    }
    fn groups_accumulator_supported(&self, args: AccumulatorArgs) -> bool {
        !args.is_distinct
    }
    fn create_groups_accumulator(&self, args: AccumulatorArgs) -> Result<Box<dyn GroupsAccumulator>> {
        if whole(args.expr_fields) { Ok(Box::new(Groups::default())) } else { self.own.create_groups_accumulator(args) }
    }
}

/// One sum, also over a moving window.
#[derive(Debug, Default)]
struct Running {
    sum: i128,
    count: u64,
}

impl Accumulator for Running {
    fn update_batch(&mut self, values: &[ArrayRef]) -> Result<()> {
        let values = values[0].as_primitive::<Int64Type>();
        self.sum += values.iter().flatten().map(i128::from).sum::<i128>();
        self.count += (values.len() - values.null_count()) as u64;
        Ok(())
    }
    fn retract_batch(&mut self, values: &[ArrayRef]) -> Result<()> {
        let values = values[0].as_primitive::<Int64Type>();
        self.sum -= values.iter().flatten().map(i128::from).sum::<i128>();
        self.count -= (values.len() - values.null_count()) as u64;
        Ok(())
    }
    fn supports_retract_batch(&self) -> bool {
        true
    }
    fn merge_batch(&mut self, states: &[ArrayRef]) -> Result<()> {
        for sum in states[0].as_primitive::<Decimal128Type>().iter().flatten() {
            self.sum += sum;
            self.count += 1;
        }
        Ok(())
    }
    fn evaluate(&mut self) -> Result<ScalarValue> {
        Ok(ScalarValue::Decimal128((self.count > 0).then_some(self.sum), 38, 0))
    }
    fn state(&mut self) -> Result<Vec<ScalarValue>> {
        Ok(vec![self.evaluate()?])
    }
    fn size(&self) -> usize {
        size_of_val(self)
    }
}

/// The sum of different values.
#[derive(Debug, Default)]
struct Distinct(HashSet<i64>);

impl Accumulator for Distinct {
    fn update_batch(&mut self, values: &[ArrayRef]) -> Result<()> {
        self.0.extend(values[0].as_primitive::<Int64Type>().iter().flatten());
        Ok(())
    }
    fn merge_batch(&mut self, states: &[ArrayRef]) -> Result<()> {
        for list in states[0].as_list::<i32>().iter().flatten() {
            self.0.extend(list.as_primitive::<Int64Type>().iter().flatten());
        }
        Ok(())
    }
    fn evaluate(&mut self) -> Result<ScalarValue> {
        let sum = self.0.iter().map(|value| i128::from(*value)).sum();
        Ok(ScalarValue::Decimal128((!self.0.is_empty()).then_some(sum), 38, 0))
    }
    fn state(&mut self) -> Result<Vec<ScalarValue>> {
        let values: Vec<_> = self.0.iter().map(|value| ScalarValue::Int64(Some(*value))).collect();
        Ok(vec![ScalarValue::List(ScalarValue::new_list_nullable(&values, &DataType::Int64))])
    }
    fn size(&self) -> usize {
        size_of_val(self) + self.0.capacity() * 16
    }
}

/// One sum per group; this is the hot loop of every report from raw entries.
#[derive(Debug, Default)]
struct Groups {
    sums: Vec<i128>,
    seen: Vec<bool>,
}

impl Groups {
    fn add(
        &mut self,
        groups: &[usize],
        filter: Option<&BooleanArray>,
        nulls: Option<&NullBuffer>,
        total: usize,
        value: impl Fn(usize) -> i128,
    ) {
        self.sums.resize(total, 0);
        self.seen.resize(total, false);
        match (nulls, filter) {
            (None, None) => {
                for (row, group) in groups.iter().enumerate() {
                    self.sums[*group] += value(row);
                    self.seen[*group] = true;
                }
            }
            _ => {
                for (row, group) in groups.iter().enumerate() {
                    let known = nulls.is_none_or(|nulls| nulls.is_valid(row));
                    if known && filter.is_none_or(|filter| filter.is_valid(row) && filter.value(row)) {
                        self.sums[*group] += value(row);
                        self.seen[*group] = true;
                    }
                }
            }
        }
    }
}

impl GroupsAccumulator for Groups {
    fn update_batch(&mut self, values: &[ArrayRef], groups: &[usize], filter: Option<&BooleanArray>, total: usize) -> Result<()> {
        let values = values[0].as_primitive::<Int64Type>();
        self.add(groups, filter, values.nulls(), total, |row| i128::from(values.values()[row]));
        Ok(())
    }
    fn merge_batch(&mut self, values: &[ArrayRef], groups: &[usize], total: usize) -> Result<()> {
        let values = values[0].as_primitive::<Decimal128Type>();
        self.add(groups, None, values.nulls(), total, |row| values.values()[row]);
        Ok(())
    }
    fn evaluate(&mut self, emit: EmitTo) -> Result<ArrayRef> {
        let sums = emit.take_needed(&mut self.sums);
        let nulls = NullBuffer::from(emit.take_needed(&mut self.seen));
        let nulls = (nulls.null_count() > 0).then_some(nulls);
        Ok(Arc::new(Decimal128Array::new(ScalarBuffer::from(sums), nulls).with_data_type(WIDE)))
    }
    fn state(&mut self, emit: EmitTo) -> Result<Vec<ArrayRef>> {
        Ok(vec![self.evaluate(emit)?])
    }
    fn convert_to_state(&self, values: &[ArrayRef], filter: Option<&BooleanArray>) -> Result<Vec<ArrayRef>> {
        let values: &Int64Array = values[0].as_primitive::<Int64Type>();
        let nulls = match filter {
            None => values.nulls().cloned(),
            Some(filter) => {
                let kept = filter.nulls().map_or_else(|| filter.values().clone(), |nulls| filter.values() & nulls.inner());
                NullBuffer::union(values.nulls(), Some(&NullBuffer::from(kept)))
            }
        };
        let wide = values.values().iter().map(|value| i128::from(*value)).collect::<Vec<_>>();
        Ok(vec![Arc::new(Decimal128Array::new(ScalarBuffer::from(wide), nulls).with_data_type(WIDE))])
    }
    fn size(&self) -> usize {
        self.sums.capacity() * 16 + self.seen.capacity()
    }
}
