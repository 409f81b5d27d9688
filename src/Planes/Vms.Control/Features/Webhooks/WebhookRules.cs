using Microsoft.AspNetCore.Http.HttpResults;
using Npgsql;
using Vms.Control.Auth;
using Vms.Control.Integrations;
using Vms.Hosting;

namespace Vms.Control.Features.Webhooks;

/// <summary>What a webhook's fields may be, and what can be wrong with them.</summary>
internal static class WebhookRules
{
    private const int MaxUrlLength = 2048;

    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(3);

    /// <summary>The name and the address, and whether anything may be sent there as the name is understood now.</summary>
    public static async Task<(string Name, string Url)> CheckAsync(
        string? name, string? url, OutgoingAddresses addresses, List<FieldProblem> problems, TimeProvider time, CancellationToken cancellationToken)
    {
        var called = NameRules.Check(name, "name", problems);
        if (string.IsNullOrEmpty(url) || url.Length > MaxUrlLength || !Uri.TryCreate(url.Trim(), UriKind.Absolute, out var uri) || uri.Scheme is not ("http" or "https")
            || uri.UserInfo.Length > 0 || uri.Fragment.Length > 0)
        {
            problems.Add(new FieldProblem(
                "url", string.IsNullOrEmpty(url) ? "required" : "invalidValue", $"Use https://host/path or http://host/path of at most {MaxUrlLength} characters, without a user or a fragment"));
            return (called, "");
        }

        using var deadline = new CancellationTokenSource(s_patience, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(deadline.Token, cancellationToken);
        try
        {
            await addresses.ResolveAsync(uri.IdnHost, uri.Port, loopback: false, either.Token);
        }
        catch (OutgoingAddressException e) when (e.IsRefused)
        {
            problems.Add(new FieldProblem("url", "addressNotAllowed", e.Message));
        }
        catch (Exception e) when (e is OutgoingAddressException || (e is OperationCanceledException && !cancellationToken.IsCancellationRequested))
        {
            // Nobody knows the name now: whoever sets it up may do that before its receiver is there. It is asked again at each delivery.
        }

        return (called, uri.AbsoluteUri);
    }

    public static ProblemHttpResult NotFound() => Problems.NotFound("webhookNotFound", "There is no such webhook");

    public static bool IsNameTaken(PostgresException e) => e is { SqlState: PostgresErrorCodes.UniqueViolation, ConstraintName: "webhook_name" };

    public static ProblemHttpResult NameTaken() =>
        Problems.Of(StatusCodes.Status409Conflict, "webhookNameTaken", "There is a webhook of this name already", fields: [new FieldProblem("name", "taken", "Choose another name")]);
}
