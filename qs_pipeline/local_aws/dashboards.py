"""Dashboards: versions that build for a while, succeed or fail, and are published one at a time.

A version's verdict is given when somebody looks at its dashboard after its time, and then kept.
"""

from typing import Any

from qs_pipeline.local_aws import search
from qs_pipeline.local_aws.account import Account, Handlers, listed, page
from qs_pipeline.local_aws.definition_rules import duplicates, problems
from qs_pipeline.local_aws.errors import conflict, exists, invalid, not_found
from qs_pipeline.local_aws.faults import DASHBOARD_VERSION
from qs_pipeline.local_aws.labels import Permissions, Tags, forget
from qs_pipeline.local_aws.state import Doc
from qs_pipeline.local_aws.table_maps import prepare

_KIND = "DASHBOARD"
_BUILDING = "CREATION_IN_PROGRESS"
_SUCCESSFUL = "CREATION_SUCCESSFUL"
_FAILED = "CREATION_FAILED"
_SHOWN = ("DashboardId", "Arn", "Name", "CreatedTime", "LastPublishedTime", "LastUpdatedTime")
_SUMMARY = (*_SHOWN, "PublishedVersionNumber")
_VERSION_SUMMARY = ("Arn", "CreatedTime", "VersionNumber", "Status", "Description")


class Dashboards:
    """The dashboards of the account.

    A dashboard's document is the API's ``DashboardSummary`` with ``LatestVersion`` and ``Building``, the numbers of the
    versions without a verdict. Its versions are documents of their own (the API's ``DashboardVersion``), and so are
    their definitions, which are large and seldom wanted.
    """

    def __init__(self, account: Account, permissions: Permissions, tags: Tags) -> None:
        self._account = account
        self._state = account.state
        self._permissions = permissions
        self._tags = tags

    @property
    def handlers(self) -> Handlers:
        """The operations by name."""
        return {
            "CreateDashboard": self._create,
            "UpdateDashboard": self._update,
            "UpdateDashboardPublishedVersion": self._publish,
            "DescribeDashboard": self._describe,
            "DescribeDashboardDefinition": self._describe_definition,
            "ListDashboards": self._list,
            "SearchDashboards": self._search,
            "ListDashboardVersions": self._list_versions,
            "DeleteDashboard": self._delete,
            **self._permissions.handlers("Dashboard", "dashboard", self._get, self._check_grantable),
        }

    def _create(self, params: Doc) -> Doc:
        name, now = params["DashboardId"], self._account.clock()
        if self._state.get("dashboard", name):
            raise exists(_KIND, name)
        arn = self._account.arn(f"dashboard/{name}")
        self._permissions.grant(arn, params.get("Permissions", []))
        self._tags.put(arn, params.get("Tags", []))
        doc = {"DashboardId": name, "Arn": arn, "CreatedTime": now, "LatestVersion": 0}
        return {**self._add_version(doc, params), "CreationStatus": _BUILDING, "Status": 202}

    def _update(self, params: Doc) -> Doc:
        doc = self._get(params["DashboardId"])
        return {**self._add_version(doc, params), "CreationStatus": _BUILDING}

    def _add_version(self, doc: Doc, params: Doc) -> Doc:
        template: Doc = params.get("SourceEntity", {}).get("SourceTemplate", {})
        if ("Definition" in params) == bool(template):
            there = "there are both" if template else "there is neither"
            raise invalid(f"a dashboard is made from a Definition or from a SourceEntity; {there}")
        definition: Doc = params.get("Definition", {"DataSetIdentifierDeclarations": []})
        if doubled := duplicates(definition):
            raise invalid("; ".join(doubled))
        name, now = doc["DashboardId"], self._account.clock()
        number = doc["LatestVersion"] + 1
        doc |= {"Name": params["Name"], "LastUpdatedTime": now, "LatestVersion": number}
        doc["Building"] = [*doc.get("Building", []), number]
        version = {
            "Arn": f"{doc['Arn']}/version/{number}",
            "VersionNumber": number,
            "CreatedTime": now,
            "Status": _BUILDING,
            "Errors": [],
            "Description": params.get("VersionDescription"),
            "SourceEntityArn": template.get("Arn"),
            "DataSetArns": [
                declared["DataSetArn"]
                for declared in definition["DataSetIdentifierDeclarations"] + template.get("DataSetReferences", [])
            ],
            "Sheets": [
                {key: sheet[key] for key in ("SheetId", "Name") if key in sheet}
                for sheet in definition.get("Sheets", [])
            ],
        }
        lenient = params.get("ValidationStrategy", {}).get("Mode") == "LENIENT"
        self._state.put("dashboard", name, doc)
        self._state.put("dashboard_version", str(number), version, parent=name)
        kept = {
            "Definition": params.get("Definition"),
            "Options": params.get("DashboardPublishOptions"),
            "Lenient": lenient,
        }
        self._state.put("definition", str(number), {"Name": params["Name"], **kept}, parent=name)
        return {"Arn": doc["Arn"], "VersionArn": version["Arn"], "DashboardId": name}

    def _get(self, name: str) -> Doc:
        """The dashboard, once every version whose time has come has its verdict."""
        doc = self._state.get("dashboard", name)
        if doc is None:
            raise not_found(_KIND, name)
        for number in doc.get("Building", []):
            version = self._state.get("dashboard_version", str(number), parent=name)
            if version is None:
                doc["Building"] = [other for other in doc["Building"] if other != number]
                continue
            ended = version["CreatedTime"] + self._account.settings.build_seconds
            if self._account.clock() >= ended:
                doc = self._judge(doc, version, ended)
        return doc

    def _judge(self, doc: Doc, version: Doc, ended: float) -> Doc:
        """The dashboard after the verdict on one of its versions."""
        name, number = doc["DashboardId"], version["VersionNumber"]
        kept = self._state.get("definition", str(number), parent=name) or {}
        if kept["Definition"]:
            found = problems(kept["Definition"], self._columns_of)
            fatal = any(not kept["Lenient"] or one.type == "DATA_SET_NOT_FOUND" for one in found)
            errors = [problem.shown() for problem in found]
        else:
            fatal, errors = True, [_no_template(version)]
        fault = self._account.faults.take(DASHBOARD_VERSION, (name,))
        if fault and fault.error:
            fatal = True
            errors.append({"Type": fault.error, "Message": fault.message})
        verdict = {"Status": _FAILED if fatal else _SUCCESSFUL, "Errors": errors}
        self._state.put("dashboard_version", str(number), version | verdict, parent=name)
        doc = doc | {"Building": [other for other in doc["Building"] if other != number]}
        if number == 1 and not fatal:
            doc |= {"PublishedVersionNumber": 1, "LastPublishedTime": ended}
        self._state.put("dashboard", name, doc)
        return doc

    def _columns_of(self, arn: str) -> dict[str, str] | None:
        data_set = self._account.resource(arn, "dataset")
        maps = self._state.get("table_maps", data_set) if data_set else None
        return maps and {name: column.type for name, column in prepare(maps).columns.items()}

    def _version(self, doc: Doc, number: int | None) -> Doc:
        """The version of this number; without one the published version, or the first where none is yet."""
        wanted = number or doc.get("PublishedVersionNumber", 1)
        version = self._state.get("dashboard_version", str(wanted), parent=doc["DashboardId"])
        if version is None:
            raise not_found("DASHBOARD_VERSION", f"{doc['DashboardId']}/version/{wanted}")
        return {key: value for key, value in version.items() if value not in (None, [])}

    def _wanted(self, doc: Doc, params: Doc) -> Doc:
        """The version that a description asks for, by number or by one of the service's two aliases."""
        alias = params.get("AliasName")
        if alias not in (None, "$LATEST", "$PUBLISHED"):
            raise not_found("DASHBOARD_ALIAS", f"{doc['DashboardId']}/alias/{alias}")
        return self._version(doc, doc["LatestVersion"] if alias == "$LATEST" else params.get("VersionNumber"))

    def _publish(self, params: Doc) -> Doc:
        doc = self._get(params["DashboardId"])
        version = self._version(doc, params["VersionNumber"])
        if version["Status"] == _BUILDING:
            raise conflict(f"{version['Arn']} is still being created", _KIND)
        if version["Status"] == _FAILED:
            raise invalid(f"{version['Arn']} failed to build and cannot be published")
        change = {"PublishedVersionNumber": version["VersionNumber"], "LastPublishedTime": self._account.clock()}
        self._state.put("dashboard", doc["DashboardId"], doc | change)
        return {"DashboardId": doc["DashboardId"], "DashboardArn": doc["Arn"]}

    def _describe(self, params: Doc) -> Doc:
        doc = self._get(params["DashboardId"])
        version = self._wanted(doc, params)
        return {"Dashboard": {**_chosen(doc, _SHOWN), "Version": version}}

    def _describe_definition(self, params: Doc) -> Doc:
        doc = self._get(params["DashboardId"])
        version = self._wanted(doc, params)
        kept = self._state.get("definition", str(version["VersionNumber"]), parent=doc["DashboardId"]) or {}
        return {
            "DashboardId": doc["DashboardId"],
            "Name": kept["Name"],
            "Errors": version.get("Errors"),
            "ResourceStatus": version["Status"],
            "Definition": kept["Definition"],
            "DashboardPublishOptions": kept["Options"],
        }

    def _list(self, params: Doc) -> Doc:
        return self._summaries(*listed(self._state, "dashboard", params))

    def _search(self, params: Doc) -> Doc:
        return self._summaries(*search.found("DASHBOARD_NAME", self._state, "dashboard", params))

    def _summaries(self, found: list[Doc], more: Doc) -> Doc:
        settled = [self._get(doc["DashboardId"]) if doc.get("Building") else doc for doc in found]
        return {"DashboardSummaryList": [_chosen(doc, _SUMMARY) for doc in settled], **more}

    def _list_versions(self, params: Doc) -> Doc:
        doc = self._get(params["DashboardId"])
        versions = self._state.all("dashboard_version", parent=doc["DashboardId"])
        shown, more = page(versions, params)
        return {"DashboardVersionSummaryList": [_chosen(one, _VERSION_SUMMARY) for one in shown], **more}

    def _delete(self, params: Doc) -> Doc:
        doc = self._get(params["DashboardId"])
        name, number = doc["DashboardId"], params.get("VersionNumber")
        if number is None:
            self._state.delete("dashboard", name)
            for kind in ("dashboard_version", "definition"):
                self._state.clear(kind, parent=name)
            forget(self._account, doc["Arn"])
        else:
            version = self._version(doc, number)
            if number == doc.get("PublishedVersionNumber"):
                raise conflict(f"{version['Arn']} is published", _KIND)
            for kind in ("dashboard_version", "definition"):
                self._state.delete(kind, str(number), parent=name)
        return {"Arn": doc["Arn"], "DashboardId": name}

    def _check_grantable(self, name: str) -> None:
        doc = self._get(name)
        if doc["LatestVersion"] in doc["Building"]:
            raise conflict(f"version {doc['LatestVersion']} of {doc['Arn']} is still being created", _KIND)


def _no_template(version: Doc) -> Doc:
    """The error of a version that is made from a template: there never is one, since templates are not emulated."""
    told = f"the template {version['SourceEntityArn']} is not found; not emulated: templates"
    return {"Type": "SOURCE_NOT_FOUND", "Message": told}


def _chosen(doc: Doc, keys: tuple[str, ...]) -> dict[str, Any]:
    return {key: doc[key] for key in keys if doc.get(key) is not None}
