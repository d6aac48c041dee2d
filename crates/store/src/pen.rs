//! The writer's connection with the statements of a run's life at hand. SQLite's price for a row is
//! small, and finding its statement again in the connection's cache by its text was a tenth of what
//! a call cost the writer. Only what every call does goes through here; the rest asks the connection
//! itself, which a pen stands for as well.

use crate::events::ChangedRun;
use rusqlite::{Connection, OptionalExtension, Params, Result, Row, Statement};
use std::cell::RefCell;
use std::ops::Deref;

struct Kept<'c> {
    sql: &'static str,
    statement: Statement<'c>,
}

/// A connection that remembers statements by where their text stands.
pub struct Pen<'c> {
    connection: &'c Connection,
    kept: RefCell<Vec<Kept<'c>>>,
    /// Runs that were changed in the transaction and are told of at its end.
    pub changed: RefCell<Vec<ChangedRun>>,
}

impl Deref for Pen<'_> {
    type Target = Connection;

    fn deref(&self) -> &Connection {
        self.connection
    }
}

impl<'c> Pen<'c> {
    pub fn new(connection: &'c Connection) -> Self {
        Self {
            connection,
            kept: RefCell::default(),
            changed: RefCell::default(),
        }
    }

    /// Uses a statement, which is prepared the first time. What is done with it uses no other.
    pub fn with<T>(
        &self,
        sql: &'static str,
        uses: impl FnOnce(&mut Statement<'c>) -> Result<T>,
    ) -> Result<T> {
        let mut kept = self.kept.borrow_mut();
        let known = kept.iter().position(|kept| std::ptr::eq(kept.sql, sql));
        let at = match known {
            Some(at) => at,
            None => {
                let statement = self.connection.prepare(sql)?;
                kept.push(Kept { sql, statement });
                kept.len() - 1
            }
        };
        uses(&mut kept[at].statement)
    }

    /// Writes with a statement; says how many rows that changed.
    pub fn execute(&self, sql: &'static str, params: impl Params) -> Result<usize> {
        self.with(sql, |statement| statement.execute(params))
    }

    /// The first row of a statement, if it has one.
    pub fn row<T>(
        &self,
        sql: &'static str,
        params: impl Params,
        read: impl FnOnce(&Row<'_>) -> Result<T>,
    ) -> Result<Option<T>> {
        self.with(sql, |statement| {
            statement.query_row(params, read).optional()
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_statement_is_prepared_once_and_holds_nothing_open_after_its_use() {
        let connection = Connection::open_in_memory().expect("opens");
        let pen = Pen::new(&connection);
        pen.execute_batch("CREATE TABLE numbers (number INTEGER); BEGIN")
            .expect("created");
        for number in 1..=3 {
            let sql = "INSERT INTO numbers (number) VALUES (?1)";
            assert_eq!(pen.execute(sql, [number]).expect("written"), 1);
            let greatest = pen.row(
                "SELECT number FROM numbers ORDER BY number DESC",
                [],
                |row| row.get(0),
            );
            assert_eq!(greatest.expect("read"), Some(number));
        }
        assert_eq!(pen.kept.borrow().len(), 2);
        pen.execute_batch("COMMIT; DROP TABLE numbers")
            .expect("nothing reads any more");
    }
}
