"""What a data set holds, as QuickSight itself can tell it: the back-up of whoever remembers.

Content is named by a label. A refresh bears it in its id. The load that comes with a new data set has an id of
QuickSight's, so the label is a tag, which costs nothing when the data set is made. An edit moves the tag afterwards and
names its own ingestion in it, so that a tag that was not moved in time is not believed.
"""

from qs_pipeline.quicksight.adoption import AdoptionVerbs
from qs_pipeline.quicksight.errors import NotFoundError
from qs_pipeline.quicksight.models import Ingestion, IngestionHandle
from qs_pipeline.quicksight.names import TableNames

CONTENT_TAG = "qs-pipeline-content"

_LOST = frozenset({"FAILED", "CANCELLED"})


def tag_of_edit(label: str, ingestion_id: str) -> str:
    """The value of the tag after an edit."""
    return f"{label}/{ingestion_id}"


def refresh_id(label: str, asked_by: str) -> str:
    """The id of a refresh; another asker gets another one, since an id is never taken twice."""
    return f"{label}-{asked_by}"


class ContentVerbs(AdoptionVerbs):
    """Looks at what was loaded."""

    def loaded(self, names: TableNames, label: str, *, rows: int) -> IngestionHandle | None:
        """The ingestion that brings or brought what is wanted, where nothing came after it; costs at most two calls.

        Args:
            names: The table.
            label: Of the content that is wanted.
            rows: Of the content that is wanted; an ingestion that ended with others does not count.
        """
        last = next((each for each in self._newest_first(names) if each.status not in _LOST), None)
        if last is None or (last.ended and not (last.complete and last.rows == rows)):
            return None
        if last.request_type == "INITIAL_INGESTION":
            wanted = self._content_tag(names) == label
        elif last.request_type == "EDIT":
            wanted = self._content_tag(names) == tag_of_edit(label, last.ingestion_id)
        else:
            wanted = last.ingestion_id.startswith(refresh_id(label, ""))
        return IngestionHandle(names=names, ingestion_id=last.ingestion_id) if wanted else None

    def _newest_first(self, names: TableNames) -> list[Ingestion]:
        try:
            reply = self._call(
                "ListIngestions",
                f"data set {names.data_set_id}",
                lambda: self._api.list_ingestions(AwsAccountId=self.account.account_id, DataSetId=names.data_set_id),
            )
        except NotFoundError:
            return []
        return [Ingestion.from_api(each) for each in reply["Ingestions"]]

    def _content_tag(self, names: TableNames) -> str:
        return self.tags(f"data set {names.data_set_id}", self.account.data_set_arn(names)).get(CONTENT_TAG, "")
