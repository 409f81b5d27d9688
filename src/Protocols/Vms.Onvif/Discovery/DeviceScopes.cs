namespace Vms.Onvif.Discovery;

/// <summary>What the scopes of a device say (ONVIF Core Specification §7.3.3), url-encoded there ("AXIS%20P3818"), not here.</summary>
/// <param name="Name">For people: maker and model, or what somebody called it.</param>
/// <param name="Hardware">Model.</param>
/// <param name="Mac">In capital letters with colons; some devices tell it.</param>
public sealed record DeviceScopes(string? Name, string? Hardware, string? Location, string? Mac, bool IsOnvif)
{
    /// <summary>Characters of a value; a longer one is cut.</summary>
    public const int MaxValue = 128;

    /// <summary>Scopes that are looked at.</summary>
    public const int MaxScopes = 64;

    private const string Root = "onvif://www.onvif.org/";

    /// <param name="text">Blank separated.</param>
    public static DeviceScopes Read(string? text)
    {
        var scopes = new DeviceScopes(null, null, null, null, IsOnvif: false);
        foreach (string scope in (text ?? "").Split((char[]?)null, MaxScopes + 1, StringSplitOptions.RemoveEmptyEntries).Take(MaxScopes))
        {
            if (scope.StartsWith(Root, StringComparison.OrdinalIgnoreCase))
                scopes = scopes.With(scope[Root.Length..]);
        }

        return scopes;
    }

    /// <summary>What either of them says: one probe of a device may say more than another.</summary>
    public DeviceScopes Or(DeviceScopes other) =>
        new(Name ?? other.Name, Hardware ?? other.Hardware, Location ?? other.Location, Mac ?? other.Mac, IsOnvif || other.IsOnvif);

    private DeviceScopes With(string scope)
    {
        int slash = scope.IndexOf('/', StringComparison.Ordinal);
        string? value = slash < 0 ? null : ValueOf(scope[(slash + 1)..]);
        var read = this with { IsOnvif = true };
        return (slash < 0 ? scope : scope[..slash]).ToLowerInvariant() switch
        {
            "name" => read with { Name = Name ?? value },
            "hardware" => read with { Hardware = Hardware ?? value },
            "location" => read with { Location = Location ?? value },
            "mac" => read with { Mac = Mac ?? MacOf(value) },
            _ => read,
        };
    }

    private static string? ValueOf(string escaped)
    {
        string value = new([.. Uri.UnescapeDataString(escaped).Where(c => !char.IsControl(c))]);
        value = value.Trim();
        return value.Length == 0 ? null : value.Length > MaxValue ? value[..MaxValue] : value;
    }

    private static string? MacOf(string? value)
    {
        string digits = new([.. (value ?? "").Where(char.IsAsciiHexDigit)]);
        return digits.Length != 12 ? null : string.Join(':', digits.ToUpperInvariant().Chunk(2).Select(pair => new string(pair)));
    }
}
