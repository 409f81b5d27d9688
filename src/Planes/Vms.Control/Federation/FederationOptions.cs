using System.ComponentModel.DataAnnotations;
using System.Globalization;
using Vms.Hosting;

namespace Vms.Control.Federation;

/// <summary>How other installations are asked.</summary>
/// <param name="Name">VMS_SERVER_NAME: what this one is called among them.</param>
/// <param name="Patience">VMS_SERVER_TIMEOUT_MS: for how long an answer waits for one of them.</param>
internal sealed record FederationOptions(string Name, TimeSpan Patience)
{
    private const int MaxNameLength = 64;
    private const int DefaultMs = 2000;
    private const int MinMs = 100;
    private const int MaxMs = 30_000;

    /// <exception cref="ValidationException">A value cannot be used; the message names the key.</exception>
    public static FederationOptions From(IConfiguration configuration)
    {
        var name = PlaneOptions.Setting(configuration, "VMS_SERVER_NAME") ?? Environment.MachineName;
        if (name.Length > MaxNameLength || name.Any(char.IsControl))
            throw new ValidationException($"VMS_SERVER_NAME is '{name}'; expected at most {MaxNameLength} printable characters");
        var text = PlaneOptions.Setting(configuration, "VMS_SERVER_TIMEOUT_MS");
        var ms = DefaultMs;
        if (text is not null && (!int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out ms) || ms is < MinMs or > MaxMs))
            throw new ValidationException($"VMS_SERVER_TIMEOUT_MS is '{text}'; expected {MinMs} to {MaxMs}");
        return new FederationOptions(name, TimeSpan.FromMilliseconds(ms));
    }
}
