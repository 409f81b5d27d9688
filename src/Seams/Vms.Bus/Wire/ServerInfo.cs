using System.Text.Json;
using System.Text.Json.Serialization;

namespace Vms.Bus.Wire;

/// <summary>What the server says about itself in INFO.</summary>
internal sealed record ServerInfo
{
    /// <summary>The server's number is from the network: whatever it says, we accept no payload above this.</summary>
    public const int PayloadCeiling = 64 * 1024 * 1024;

    private readonly int _maxPayload = 1024 * 1024;

    public string Version { get; init; } = "";

    public string ServerId { get; init; } = "";

    public bool Headers { get; init; }

    public bool TlsRequired { get; init; }

    public bool TlsAvailable { get; init; }

    public int MaxPayload
    {
        get => _maxPayload;
        init => _maxPayload = Math.Clamp(value, 0, PayloadCeiling);
    }

    public static bool TryParse(ReadOnlySpan<byte> json, out ServerInfo info)
    {
        try
        {
            info = JsonSerializer.Deserialize(json, WireJson.Default.ServerInfo) ?? new ServerInfo();
            return true;
        }
        catch (JsonException)
        {
            info = new ServerInfo();
            return false;
        }
    }
}

/// <summary>What we say about ourselves in CONNECT.</summary>
internal sealed record ClientInfo
{
    public bool Verbose { get; init; }

    public bool Pedantic { get; init; }

    public bool Headers { get; init; } = true;

    public bool NoResponders { get; init; } = true;

    public bool Echo { get; init; } = true;

    /// <summary>1: the server may send INFO again while connected.</summary>
    public int Protocol { get; init; } = 1;

    public string Lang { get; init; } = "csharp";

    public string Version { get; init; } = "1";

    public bool TlsRequired { get; init; }

    public required string Name { get; init; }

    public string? User { get; init; }

    public string? Pass { get; init; }

    public string? AuthToken { get; init; }
}

[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(ServerInfo))]
[JsonSerializable(typeof(ClientInfo))]
internal sealed partial class WireJson : JsonSerializerContext;
