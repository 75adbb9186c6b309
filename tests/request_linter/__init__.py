"""Request linter: says of a request to DynamoDB what AWS would refuse about it, and emulators may not.

    tables = tables_of_template(read_template(Path("infrastructure/data.yaml")), prefix="test-")
    for finding in lint("Query", request, tables): ...

`lint` takes the JSON that goes over the wire (numbers as text, binary as base64). It knows the service's model (names
and types of parameters, enumerations, lengths), the grammar of expressions, and the documented rules and limits. It
sends nothing and keeps nothing.

A finding is `refused` (AWS answers with an error), `cut` (AWS takes it, but does not do what one might think) or
`unsure` (no documentation says that AWS takes it). Rules about stored data (an update that makes an item too large,
a path that does not exist) cannot be seen in a request.
"""

from tests.request_linter.findings import Finding
from tests.request_linter.operations import lint
from tests.request_linter.tables import Index, TableSchema, table_of_description, tables_of_template

__all__ = ["Finding", "Index", "TableSchema", "lint", "table_of_description", "tables_of_template"]
