using System.ComponentModel.DataAnnotations;
using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json.Serialization;
using Microsoft.Extensions.Configuration;

namespace Vms.Hosting;

/// <summary>A STUN or TURN server as a browser's <c>RTCConfiguration.iceServers</c> has it.</summary>
/// <param name="Urls">RFC 7064, RFC 7065.</param>
/// <param name="Username">Null for STUN.</param>
/// <param name="Credential">Null for STUN.</param>
public sealed record IceServer(
    IReadOnlyList<string> Urls,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] string? Username,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] string? Credential);

/// <summary>The STUN and TURN servers that viewers are told of (<c>VMS_ICE_SERVERS</c>): for those who reach this machine by a relay alone. The
/// product itself uses none of them.</summary>
public sealed record IceServers
{
    /// <summary>VMS_TURN_SECRET: how long a name made from it works. A relayed stream that plays longer is set up again by the player.</summary>
    public static readonly TimeSpan CredentialLifetime = TimeSpan.FromHours(24);

    private const int MaxServers = 8;
    private static readonly string[] s_stun = ["stun:", "stuns:"];
    private static readonly string[] s_turn = ["turn:", "turns:"];

    private IReadOnlyList<string> Stun { get; init; } = [];

    private IReadOnlyList<string> Turn { get; init; } = [];

    private string? Username { get; init; }

    private string? Password { get; init; }

    private string? Secret { get; init; }

    public static IceServers None { get; } = new();

    /// <exception cref="ValidationException">A value cannot be used; the message names the key.</exception>
    public static IceServers From(IConfiguration configuration)
    {
        var urls = (PlaneOptions.Setting(configuration, "VMS_ICE_SERVERS") ?? "").Split(' ', StringSplitOptions.RemoveEmptyEntries);
        var servers = new IceServers
        {
            Stun = [.. urls.Where(u => Has(u, s_stun))],
            Turn = [.. urls.Where(u => Has(u, s_turn))],
            Username = PlaneOptions.Setting(configuration, "VMS_TURN_USERNAME"),
            Password = PlaneOptions.Setting(configuration, "VMS_TURN_PASSWORD"),
            Secret = PlaneOptions.Setting(configuration, "VMS_TURN_SECRET"),
        };
        if (urls.FirstOrDefault(u => !Has(u, s_stun) && !Has(u, s_turn)) is { } other)
            throw new ValidationException($"VMS_ICE_SERVERS has '{other}'; expected stun:HOST[:PORT] or turn:HOST[:PORT][?transport=tcp], separated by spaces");
        if (urls.Length > MaxServers)
            throw new ValidationException($"VMS_ICE_SERVERS has {urls.Length} servers; expected at most {MaxServers}: browsers slow down with more");
        bool isStatic = servers is { Username: not null, Password: not null };
        if (isStatic == (servers.Secret is not null) && (servers.Turn.Count > 0 || isStatic))
            throw new ValidationException("VMS_ICE_SERVERS has a TURN server; expected either VMS_TURN_SECRET, or VMS_TURN_USERNAME and VMS_TURN_PASSWORD");
        return servers;
    }

    /// <summary>What to tell a viewer.</summary>
    /// <param name="user">Whose credential it is: TURN servers log it.</param>
    public IReadOnlyList<IceServer> For(string user, DateTimeOffset now)
    {
        var servers = new List<IceServer>();
        if (Stun.Count > 0)
            servers.Add(new IceServer(Stun, null, null));
        if (Turn.Count > 0)
        {
            var (name, password) = Secret is null ? (Username!, Password!) : TimeLimited(Secret, user, now);
            servers.Add(new IceServer(Turn, name, password));
        }

        return servers;
    }

    public override string ToString() => $"{Stun.Count} STUN, {Turn.Count} TURN";     // never the secrets

    /// <summary>"A REST API for access to TURN services" (draft-uberti-behave-turn-rest), as coturn's <c>use-auth-secret</c> checks it.</summary>
    private static (string Username, string Password) TimeLimited(string secret, string user, DateTimeOffset now)
    {
        string name = string.Create(CultureInfo.InvariantCulture, $"{(now + CredentialLifetime).ToUnixTimeSeconds()}:{user}");
#pragma warning disable CA5350 // the specification's HMAC-SHA1: a keyed code, which collisions of SHA-1 do not break
        return (name, Convert.ToBase64String(HMACSHA1.HashData(Encoding.UTF8.GetBytes(secret), Encoding.UTF8.GetBytes(name))));
#pragma warning restore CA5350
    }

    private static bool Has(string url, string[] schemes) =>
        schemes.Any(s => url.StartsWith(s, StringComparison.Ordinal) && url.Length > s.Length && url[s.Length] != '/')
        && !url.AsSpan().ContainsAnyExceptInRange('!', '~');
}
