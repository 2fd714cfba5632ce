/** The same function, which makes something of a table once and remembers it as long as there is the table. */
export function remember<Table extends object, Made>(make: (table: Table) => Made): (table: Table) => Made {
  const known = new WeakMap<Table, Made>();
  return (table) => {
    let made = known.get(table);
    if (made === undefined) {
      made = make(table);
      known.set(table, made);
    }
    return made;
  };
}
