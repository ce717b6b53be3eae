"""What a table's data can be wrong about, as exceptions that carry the culprits."""


class DataError(ValueError):
    """Accepted inputs that do not go together; permanent until an upload changes.

    Attributes:
        culprits: The values at fault, such as assessment numbers or columns.
    """

    def __init__(self, message: str, *culprits: str) -> None:
        super().__init__(message)
        self.culprits = culprits


class NoParametersError(DataError):
    """No row of parameters belongs to the assessment."""


class AmbiguousAssessmentError(DataError):
    """More than one row where an assessment has exactly one."""


class BrokenTableError(DataError):
    """A transform's result is not what the table's contract says."""
