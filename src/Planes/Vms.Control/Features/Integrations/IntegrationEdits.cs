using System.Globalization;
using Microsoft.AspNetCore.Http.HttpResults;
using Npgsql;
using Vms.Control.Data;
using Vms.Control.FrontDoor;
using Vms.Control.Integrations;
using Vms.Hosting;

namespace Vms.Control.Features.Integrations;

/// <summary>Changes the settings of a service. Any thread.</summary>
internal sealed class IntegrationEdits(NpgsqlDataSource database, IntegrationStore store, OutgoingAddresses addresses, TimeProvider time)
{
    private const int MaxHostLength = 253;
    private const int MaxUsernameLength = 128;
    private const int MaxPasswordLength = 256;
    private const int MaxCaLength = 16 * 1024;

    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(3);

    /// <param name="check">Notes what is wrong with the fields that only this service has.</param>
    /// <param name="state">How the connection is.</param>
    public async Task<Results<Ok<IntegrationView<T>>, ProblemHttpResult>> PutAsync<T>(
        string kind, T fallback, IntegrationRequest<T> request, Action<T, List<FieldProblem>> check, Func<LinkState> state, HttpContext context, CancellationToken cancellationToken)
        where T : ServiceSettings
    {
        var problems = new List<FieldProblem>();
        if (request.Settings is not { } wanted)
            return Problems.Fields(new FieldProblem("settings", "required", "Send the settings"));
        await CheckAsync(wanted, request.Password, problems, cancellationToken);
        check(wanted, problems);
        if (problems.Count > 0)
            return Problems.Fields(problems);

        var (now, actor) = (time.GetUtcNow(), Actor.Of(context));
        await using var connection = await database.OpenConnectionAsync(cancellationToken);
        await using var transaction = await connection.BeginTransactionAsync(cancellationToken);
        var before = await IntegrationStore.LockAsync(connection, kind, fallback, cancellationToken);
        if (ItemVersion.Check(context, before.Generation.ToString(CultureInfo.InvariantCulture)) is { } changed)
            return changed;
        if (request.Password is null && before.SecretProtected is not null && !wanted.IsSamePlace(before.Settings))
            return Problems.Fields(new FieldProblem("password", "required", "Host, port or user are others: enter the password again, or an empty one"));
        var secret = request.Password switch { null => before.SecretProtected, "" => null, { } password => store.Protect(password) };
        var next = new Integration<T>(wanted, secret, wanted.Enabled ? before.EnabledAt ?? now : null, before.Generation + 1);
        await IntegrationStore.SaveAsync(connection, kind, next, now, cancellationToken);
        await AuditLog.AddAsync(
            connection, now, actor, "integration.changed", kind, new { wanted.Enabled, wanted.Host, wanted.Port, wanted.Username, password = request.Password is null ? "kept" : "changed" }, cancellationToken);
        await transaction.CommitAsync(cancellationToken);
        store.Changed.Set();
        return TypedResults.Ok(IntegrationView<T>.Of(next, state()));
    }

    public async Task<Ok<IntegrationView<T>>> GetAsync<T>(string kind, T fallback, Func<LinkState> state, CancellationToken cancellationToken) where T : ServiceSettings =>
        TypedResults.Ok(IntegrationView<T>.Of(await store.ReadAsync(kind, fallback, cancellationToken), state()));

    private async Task CheckAsync(ServiceSettings wanted, string? password, List<FieldProblem> problems, CancellationToken cancellationToken)
    {
        if (string.IsNullOrEmpty(wanted.Host) ? wanted.Enabled : wanted.Host.Length > MaxHostLength || Uri.CheckHostName(wanted.Host) == UriHostNameType.Unknown)
            problems.Add(new FieldProblem("settings.host", string.IsNullOrEmpty(wanted.Host) ? "required" : "invalidValue", "Use a host name or an address"));
        if (wanted.Port is < 1 or > 65535)
            problems.Add(new FieldProblem("settings.port", "outOfRange", "Use a port from 1 to 65535"));
        if (wanted.Username is { } user && (user.Length > MaxUsernameLength || user.Any(char.IsControl)))
            problems.Add(new FieldProblem("settings.username", "tooLong", $"Use at most {MaxUsernameLength} printable characters"));
        if (password is { } secret && (secret.Length > MaxPasswordLength || secret.Any(char.IsControl)))
            problems.Add(new FieldProblem("password", "tooLong", $"Use at most {MaxPasswordLength} printable characters"));
        if (wanted.CaCertificate is { } ca && (ca.Length > MaxCaLength || !ServiceTls.IsReadable(ca)))
            problems.Add(new FieldProblem("settings.caCertificate", "invalidValue", "Use certificates as PEM (-----BEGIN CERTIFICATE-----)"));
        if (problems.Count > 0 || string.IsNullOrEmpty(wanted.Host))
            return;

        using var deadline = new CancellationTokenSource(s_patience, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(deadline.Token, cancellationToken);
        try
        {
            await addresses.ResolveAsync(wanted.Host, wanted.Port, loopback: true, either.Token);
        }
        catch (OutgoingAddressException e) when (e.IsRefused)
        {
            problems.Add(new FieldProblem("settings.host", "addressNotAllowed", e.Message));
        }
        catch (Exception e) when (e is OutgoingAddressException || (e is OperationCanceledException && !cancellationToken.IsCancellationRequested))
        {
            // Nobody knows the name now; it is asked again for each connection.
        }
    }
}
