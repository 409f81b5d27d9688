using System.ComponentModel.DataAnnotations;
using System.Globalization;
using Vms.Hosting;

namespace Vms.Control.Auth.Oidc;

/// <summary>The organisation's identity provider, and which of its groups has which role here. Null where there is none.</summary>
internal sealed class OidcOptions
{
    private const int MaxGroups = 200;
    private const int MaxSessionHours = 24 * 31;
    private static readonly TimeSpan s_session = TimeSpan.FromHours(12);

    private OidcOptions(Uri issuer, string clientId)
    {
        Issuer = issuer;
        ClientId = clientId;
    }

    /// <summary>As the provider writes it in its tokens: compared as text.</summary>
    public Uri Issuer { get; }

    public string ClientId { get; }

    /// <summary>Null for a public client, which PKCE alone protects.</summary>
    public string? ClientSecret { get; private init; }

    /// <summary>On the button of the sign-in page.</summary>
    public string Name { get; private init; } = "";

    public string Scopes { get; private init; } = "";

    /// <summary>The claim that names a person's groups: text, or a list of texts.</summary>
    public string GroupsClaim { get; private init; } = "";

    /// <summary>So long a sign-in lives before the provider is asked again: whoever left, or lost a group, is out then.</summary>
    public TimeSpan Session { get; private init; } = s_session;

    /// <summary>Role id by group, as written by the provider.</summary>
    public IReadOnlyDictionary<string, string> RoleOfGroup { get; private init; } = new Dictionary<string, string>();

    /// <exception cref="ValidationException">A value cannot be used; the message names the key.</exception>
    public static OidcOptions? From(IConfiguration configuration)
    {
        if (PlaneOptions.Setting(configuration, "VMS_OIDC_ISSUER") is not { } issuer)
            return null;
        if (!Uri.TryCreate(issuer, UriKind.Absolute, out var address) || !IsSafe(address) || address.Query.Length > 0 || address.Fragment.Length > 0)
            throw new ValidationException($"VMS_OIDC_ISSUER is '{issuer}'; expected an https address (http only for this machine itself)");
        var client = PlaneOptions.Setting(configuration, "VMS_OIDC_CLIENT_ID")
            ?? throw new ValidationException("VMS_OIDC_CLIENT_ID is not set; expected the name under which the provider knows this installation");
        return new OidcOptions(address, client)
        {
            ClientSecret = PlaneOptions.Setting(configuration, "VMS_OIDC_CLIENT_SECRET"),
            Name = PlaneOptions.Setting(configuration, "VMS_OIDC_NAME") ?? address.Host,
            Scopes = PlaneOptions.Setting(configuration, "VMS_OIDC_SCOPES") ?? "openid profile email groups",
            GroupsClaim = PlaneOptions.Setting(configuration, "VMS_OIDC_GROUPS_CLAIM") ?? "groups",
            Session = Hours(PlaneOptions.Setting(configuration, "VMS_OIDC_SESSION_HOURS")),
            RoleOfGroup = Roles(PlaneOptions.Setting(configuration, "VMS_OIDC_ROLES") ?? ""),
        };
    }

    /// <summary>Tokens and codes travel there: encrypted, or not off this machine.</summary>
    public static bool IsSafe(Uri address) => address.Scheme == Uri.UriSchemeHttps || (address.Scheme == Uri.UriSchemeHttp && address.IsLoopback);

    /// <summary>Also where the provider was taken out of the settings: its people are not signed in for longer because of that.</summary>
    public static TimeSpan SessionOf(OidcOptions? options) => options?.Session ?? s_session;

    private static TimeSpan Hours(string? text)
    {
        if (text is null)
            return s_session;
        return int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var hours) && hours is >= 1 and <= MaxSessionHours
            ? TimeSpan.FromHours(hours)
            : throw new ValidationException($"VMS_OIDC_SESSION_HOURS is '{text}'; expected 1 to {MaxSessionHours}");
    }

    /// <summary><c>group=role;group=role</c>; a group may hold any character but <c>;</c>, and the last <c>=</c> counts (LDAP names hold more).</summary>
    private static Dictionary<string, string> Roles(string text)
    {
        var roles = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (var entry in text.Split(';', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries))
        {
            var equals = entry.LastIndexOf('=');
            if (equals <= 0 || equals == entry.Length - 1)
                throw new ValidationException($"VMS_OIDC_ROLES holds '{entry}'; expected GROUP=ROLE, entries separated by ';'");
            roles[entry[..equals].Trim()] = entry[(equals + 1)..].Trim();
        }

        return roles.Count <= MaxGroups ? roles : throw new ValidationException($"VMS_OIDC_ROLES names {roles.Count} groups; at most {MaxGroups} can be used");
    }
}
