using System.Security.Cryptography;
using Microsoft.AspNetCore.Http.HttpResults;
using Vms.Control.Auth;
using Vms.Hosting;

namespace Vms.Control.Features.Integrity;

/// <summary>GET /api/integrity: the public key that recordings are verified with. Whoever may see recordings may prove them.</summary>
internal static class GetIntegrityKey
{
    /// <summary>As in the recordings themselves (docs/design/integrity.md).</summary>
    private const int KeyIdBytes = 8;

    /// <param name="KeyId">Stands in everything that this key signed.</param>
    /// <param name="Algorithm">As JSON Web Algorithms name it.</param>
    /// <param name="PublicKey">PEM, SubjectPublicKeyInfo, former keys behind it: what <c>vms verify --key</c> reads.</param>
    public sealed record IntegrityKeyView(string KeyId, string Algorithm, string PublicKey);

    public static void Map(IEndpointRouteBuilder app) =>
        app.MapGet("/api/integrity", Handle).WithName(nameof(GetIntegrityKey)).WithSummary("The public key that recordings are verified with.")
            .WithTags("Integrity").Needs(Permissions.RecordingsRead).ProducesProblem(401).ProducesProblem(403).ProducesProblem(503);

    private static async Task<Results<Ok<IntegrityKeyView>, ProblemHttpResult>> Handle(PlaneOptions options, CancellationToken cancellationToken)
    {
        string pem;
        try
        {
            pem = await File.ReadAllTextAsync(options.IntegrityPublicKeyFile, cancellationToken);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return Problems.Of(StatusCodes.Status503ServiceUnavailable, "integrityKeyMissing", "The recorder has not made the key yet, or it cannot be read: it does at its first start");
        }

        // Former keys stand behind the one in use.
        using var key = ECDsa.Create();
        key.ImportFromPem(pem.AsSpan(PemEncoding.Find(pem).Location));
        byte[] id = SHA256.HashData(key.ExportSubjectPublicKeyInfo());
        return TypedResults.Ok(new IntegrityKeyView(Convert.ToHexStringLower(id.AsSpan(0, KeyIdBytes)), "ES256", pem));
    }
}
