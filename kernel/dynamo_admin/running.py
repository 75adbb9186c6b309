"""Use cases in the admin: buttons on an object's page, actions on a list, and the page that asks for confirmation."""

from collections.abc import Callable
from functools import partial
from typing import Any, ClassVar

from django.contrib import messages
from django.contrib.admin.helpers import ACTION_CHECKBOX_NAME
from django.contrib.admin.options import csrf_protect_m
from django.contrib.admin.utils import quote, unquote
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponseRedirect
from django.http.response import HttpResponseBase
from django.template.response import TemplateResponse
from django.urls import URLPattern, path
from django.utils.translation import gettext as _

from kernel import storage
from kernel.actors import Actor
from kernel.dynamo_admin.base import BaseItemAdmin
from kernel.dynamo_admin.models import DynamoModel
from kernel.dynamo_admin.querysets import DynamoQuerySet
from kernel.dynamo_admin.uses import Handout, Use, offered
from kernel.errors import ConflictError, DomainError
from kernel.sentences import sentence
from kernel.wording.sentences import in_words


class UseCaseAdmin(BaseItemAdmin):
    """Runs the use cases of an item class, for one object or for a selection."""

    uses: ClassVar[tuple[Use, ...]] = ()

    def get_urls(self) -> list[URLPattern]:
        if not self.uses:
            return super().get_urls()
        name = f"{self.opts.app_label}_{self.opts.model_name}_use"
        view = self.admin_site.admin_view(self.use_view)
        return [path("<path:object_id>/do/<slug:use_name>/", view, name=name), *super().get_urls()]

    def get_actions(self, request: HttpRequest) -> dict[str, Any]:
        """The use cases that the list offers for a selection, beside the declared actions."""
        actions: dict[str, Any] = super().get_actions(request)
        for use in self._permitted_uses(request):
            if use.is_bulk:
                actions[use.name] = (partial(_run_for_selection, use=use), use.name, use.label)
        return actions

    def render_change_form(self, request: HttpRequest, context: Any, *args: Any, **kwargs: Any) -> Any:
        instance = kwargs.get("obj")
        if instance is not None and instance.row:
            context["uses"] = [(use, self._use_url(instance, use)) for use in self._uses_of(request, instance)]
        else:
            context["uses"] = []
        return super().render_change_form(request, context, *args, **kwargs)

    @csrf_protect_m  # type: ignore[untyped-decorator]
    def use_view(self, request: HttpRequest, object_id: str, use_name: str) -> HttpResponseBase:
        """Ask for confirmation (GET), or run a use case (POST)."""
        use = next((use for use in self.uses if use.name == use_name), None)
        if use is None:
            raise Http404
        if use not in self._permitted_uses(request):
            raise PermissionDenied
        instance = self.get_object(request, unquote(object_id))
        if instance is None:
            return self._missing(request, object_id)
        form = use.form(request.POST if request.method == "POST" else None)
        version, handout = str(instance.row.get("version", "")), None
        if request.method == "POST" and request.POST.get("shown_version", version) != version:
            # What was confirmed was said of another state.
            form.add_error(
                None, _("Somebody else changed it meanwhile. Nothing was done: look at it, then press again.")
            )
        if request.method == "POST" and form.is_valid():
            try:
                answer = self.run_use(request, use, instance, form.cleaned_data)
            except DomainError as refusal:
                form.add_error(None, in_words(refusal.message))
            else:
                if isinstance(answer, HttpResponseBase):
                    return answer
                if not isinstance(answer, Handout):
                    self.message_user(request, str(answer), messages.SUCCESS)
                    away = self._url("changelist") if use.removes else self._url("change", quote(instance.pk))
                    return HttpResponseRedirect(away)
                handout = answer
        context = {
            **self.admin_site.each_context(request),
            "title": use.label,
            "subtitle": str(instance),
            "opts": self.opts,
            "original": instance,
            "use": use,
            "form": form,
            "handout": handout,
            "shown_version": version,
            "media": self.media + form.media,
        }
        request.current_app = self.admin_site.name
        status = 400 if form.is_bound and handout is None else 200
        return TemplateResponse(request, "dynamo_admin/use.html", context, status=status)

    def run_use(self, request: HttpRequest, use: Use, instance: DynamoModel, cleaned: dict[str, Any]) -> Any:
        """Run a use case for one object. Raises `DomainError` for what the rules refuse."""
        entry = self.entry(request, instance, use.name, reason=cleaned.get("reason"))
        try:
            return use.run(request, instance, cleaned, entry)
        except storage.ConditionFailedError as failure:
            raise ConflictError(sentence("Somebody else changed it meanwhile. Look at it again.")) from failure

    def _use_url(self, instance: Any, use: Use) -> str:
        return self._url("use", quote(instance.pk), use.name)

    def _permitted_uses(self, request: HttpRequest, instance: Any = None) -> list[Use]:
        def may(use: Use) -> bool:
            ask: Callable[..., bool] = getattr(self, f"has_{use.permission}_permission")
            return ask(request, instance)

        return [use for use in self.uses if may(use)]

    def _uses_of(self, request: HttpRequest, instance: Any) -> list[Use]:
        """The use cases that the person may run and that the object's state allows."""
        actor: Actor = request.user.actor  # type: ignore[union-attr]
        return offered(tuple(self._permitted_uses(request, instance)), instance, actor)


def _run_for_selection(
    model_admin: UseCaseAdmin, request: HttpRequest, queryset: DynamoQuerySet, *, use: Use
) -> HttpResponseBase | None:
    """Run a use case for each selected object, after a page that asks for what its form asks for.

    What was chosen counts alone: a request for all that the filter finds (`select_across`) is one that no page offers.
    """
    instances = list(queryset.filter(pk__in=request.POST.getlist(ACTION_CHECKBOX_NAME)))
    if not instances:
        model_admin.message_user(request, _("What you chose is not there any more."), messages.WARNING)
        return None
    form = use.form(request.POST if "confirmed" in request.POST else None)
    if not form.is_valid():
        context = {
            **model_admin.admin_site.each_context(request),
            "title": use.label,
            "subtitle": None,
            "opts": model_admin.opts,
            "instances": instances,
            "use": use,
            "form": form,
            "media": model_admin.media + form.media,
            "action_checkbox_name": ACTION_CHECKBOX_NAME,
        }
        request.current_app = model_admin.admin_site.name
        return TemplateResponse(request, "dynamo_admin/use.html", context)
    done = 0
    for instance in instances:
        try:
            model_admin.run_use(request, use, instance, form.cleaned_data)
        except DomainError as refusal:
            model_admin.message_user(request, f"{instance}: {in_words(refusal.message)}", messages.ERROR)
        else:
            done += 1
    if done:
        message = _("%(label)s: done for %(count)d.")
        model_admin.message_user(request, message % {"label": use.label, "count": done}, messages.SUCCESS)
    return None
