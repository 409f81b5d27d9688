using Vms.Onvif.Soap;

namespace Vms.Onvif.Discovery;

/// <summary>What a device says of itself in answer to a probe.</summary>
/// <param name="Endpoint">Its lasting name, usually <c>urn:uuid:…</c>, in small letters and without that prefix; empty when it says none, or all zeros.</param>
/// <param name="Types">Local names: NetworkVideoTransmitter.</param>
/// <param name="Addresses">Of the device service, as told.</param>
public sealed record ProbeMatch(string Endpoint, IReadOnlyList<string> Types, DeviceScopes Scopes, IReadOnlyList<string> Addresses)
{
    /// <summary>Of a datagram, bytes; UDP has no more.</summary>
    public const int MaxDatagram = 65_507;

    /// <summary>In one datagram; discovery proxies answer for others.</summary>
    public const int MaxMatches = 64;

    /// <summary>Of one match: types, and addresses.</summary>
    public const int MaxItems = 16;

    /// <summary>Characters of a name or an address; a longer one is left out.</summary>
    public const int MaxText = 512;

    /// <summary>A camera, a recorder, an encoder: not a printer that answers, too.</summary>
    public bool IsOnvif => Scopes.IsOnvif || Types.Any(type => type is "NetworkVideoTransmitter" or "NetworkVideoStorage" or "NetworkVideoDisplay")
        || Addresses.Any(address => address.Contains("/onvif/", StringComparison.OrdinalIgnoreCase));

    /// <summary>The matches of a datagram. What the answer relates to is not looked at: devices write it in several ways, and an answer finds the socket
    /// that asked by its port.</summary>
    /// <returns>Empty for anything that is no answer to a probe.</returns>
    public static IReadOnlyList<ProbeMatch> Read(ReadOnlySpan<byte> datagram)
    {
        if (datagram.Length > MaxDatagram || SoapReader.Read(datagram) is not { Name: "Envelope" } envelope || envelope.At("Body", "ProbeMatches") is not { } matches)
            return [];

        return [.. matches.ChildrenNamed("ProbeMatch").Take(MaxMatches).Select(From).OfType<ProbeMatch>()];
    }

    private static ProbeMatch? From(SoapElement match)
    {
        var addresses = WordsOf(match.TextAt("XAddrs"));
        string endpoint = EndpointOf(match.TextAt("EndpointReference", "Address"));
        return addresses.Count == 0 && endpoint.Length == 0
            ? null
            : new ProbeMatch(endpoint, [.. WordsOf(match.TextAt("Types")).Select(type => type[(type.LastIndexOf(':') + 1)..])], DeviceScopes.Read(match.TextAt("Scopes")), addresses);
    }

    private static string EndpointOf(string? address)
    {
        if (address is null or { Length: > MaxText })
            return "";

        string name = address.ToLowerInvariant();
        foreach (string prefix in (ReadOnlySpan<string>)["urn:", "uuid:"])
        {
            if (name.StartsWith(prefix, StringComparison.Ordinal))
                name = name[prefix.Length..];
        }

        return Guid.TryParse(name, out var guid) && guid == Guid.Empty ? "" : name;
    }

    private static List<string> WordsOf(string? text) => text is null
        ? []
        : [.. text.Split((char[]?)null, MaxItems + 1, StringSplitOptions.RemoveEmptyEntries).Take(MaxItems).Where(word => word.Length <= MaxText)];
}
