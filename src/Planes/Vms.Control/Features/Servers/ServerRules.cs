using Microsoft.AspNetCore.Http.HttpResults;
using Npgsql;
using Vms.Control.Auth;
using Vms.Control.Federation;
using Vms.Hosting;

namespace Vms.Control.Features.Servers;

/// <summary>What a server's fields may be, and what can be wrong with them.</summary>
internal static class ServerRules
{
    private const int MaxAddressLength = 256;
    private const int MaxApiKeyLength = 128;
    private const int Sha256Digits = 64;

    /// <param name="ApiKey">Null: the stored one stays.</param>
    public sealed record Checked(string Name, Uri? Address, string? ApiKey, string? CertificateSha256);

    public static Checked Check(string? name, string? address, string? apiKey, bool needsApiKey, string? certificate, List<FieldProblem> problems)
    {
        var called = NameRules.Check(name, "name", problems);
        var where = CheckAddress(address, problems);
        if (string.IsNullOrEmpty(apiKey) ? needsApiKey : apiKey.Length > MaxApiKeyLength || !apiKey.All(c => char.IsAsciiLetterOrDigit(c) || c is '_' or '-'))
            problems.Add(new FieldProblem("apiKey", string.IsNullOrEmpty(apiKey) ? "required" : "invalidValue", "Send an API key that the other server has issued, with the role viewer"));
        return new Checked(called, where, string.IsNullOrEmpty(apiKey) ? null : apiKey, CheckCertificate(certificate, problems));
    }

    public static string TextOf(Uri address) => address.GetLeftPart(UriPartial.Authority);

    public static ProblemHttpResult NotFound() => Problems.NotFound("serverNotFound", "There is no such server");

    /// <summary>Null for another violation.</summary>
    public static ProblemHttpResult? Taken(PostgresException e) => e is not { SqlState: PostgresErrorCodes.UniqueViolation } ? null : e.ConstraintName switch
    {
        "server_name" => Problems.Of(StatusCodes.Status409Conflict, "serverNameTaken", "There is a server of this name", fields: [new FieldProblem("name", "taken", "Choose another name")]),
        "server_address" => Problems.Of(StatusCodes.Status409Conflict, "serverAddressTaken", "This server is in the list already", fields: [new FieldProblem("address", "taken", "Change the one that is there")]),
        _ => null,
    };

    /// <summary>Why it is not taken on as it answered; null when it is.</summary>
    public static ProblemHttpResult? Refusal(ServerState state) => state.Code switch
    {
        _ when state.State == ServerState.Online => null,
        "certificateNotTrusted" => Problems.Fields(new FieldProblem("certificateSha256", "certificateNotTrusted", $"{state.Detail}. Compare it with what the other server says, and send it as certificateSha256")),
        "apiKeyRefused" or "apiKeyTooPowerful" or Peer.KeyUnreadable => Problems.Fields(new FieldProblem("apiKey", state.Code, state.Detail!)),
        "addressNotAllowed" => Problems.Fields(new FieldProblem("address", state.Code, state.Detail!)),
        _ => Problems.Of(StatusCodes.Status502BadGateway, "serverUnreachable", "The server does not answer", state.Detail),
    };

    /// <summary>Nothing but scheme, host and port: what stands behind them is ours to say.</summary>
    private static Uri? CheckAddress(string? text, List<FieldProblem> problems)
    {
        if (text is { Length: > 0 and <= MaxAddressLength } && Uri.TryCreate(text.Trim(), UriKind.Absolute, out var uri)
            && uri.UserInfo.Length == 0 && uri.PathAndQuery == "/" && uri.Fragment.Length == 0 && IsSafe(uri))
            return new Uri(uri.GetLeftPart(UriPartial.Authority));
        problems.Add(new FieldProblem(
            "address", string.IsNullOrEmpty(text) ? "required" : "invalidValue", "Use https://host:port, without a path; http only for another installation on this machine"));
        return null;
    }

    /// <summary>The API key goes along: in the clear it stays on this machine.</summary>
    private static bool IsSafe(Uri uri) => uri.Scheme == Uri.UriSchemeHttps || (uri.Scheme == Uri.UriSchemeHttp && uri.IsLoopback);

    /// <summary>As people copy it: with colons, or in capitals.</summary>
    private static string? CheckCertificate(string? text, List<FieldProblem> problems)
    {
        if (string.IsNullOrEmpty(text))
            return null;
        var digits = text.Length > 2 * Sha256Digits ? "" : text.Replace(":", "", StringComparison.Ordinal).Trim().ToLowerInvariant();
        if (digits.Length == Sha256Digits && digits.All(char.IsAsciiHexDigitLower))
            return digits;
        problems.Add(new FieldProblem("certificateSha256", "invalidValue", $"Use the {Sha256Digits} hex digits of the certificate's SHA-256"));
        return null;
    }
}
