using System.ComponentModel.DataAnnotations;
using System.Net;
using Vms.Hosting;

namespace Vms.Control.Integrations;

/// <summary>Where webhooks, brokers and mail servers may be.</summary>
/// <param name="Networks">VMS_OUTGOING_NETWORKS: there and nowhere else; empty: anywhere but this machine, where clouds keep secrets, and this installation.</param>
internal sealed record OutgoingOptions(IReadOnlyList<IPNetwork> Networks)
{
    private const string Key = "VMS_OUTGOING_NETWORKS";
    private const int MaxNetworks = 64;

    /// <exception cref="ValidationException">A value cannot be used; the message names the key.</exception>
    public static OutgoingOptions From(IConfiguration configuration)
    {
        var words = (PlaneOptions.Setting(configuration, Key) ?? "").Split(' ', StringSplitOptions.RemoveEmptyEntries);
        if (words.Length > MaxNetworks)
            throw new ValidationException($"{Key} has {words.Length} entries; expected at most {MaxNetworks}");
        return new OutgoingOptions([.. words.Select(Parse)]);
    }

    private static IPNetwork Parse(string text)
    {
        if (IPNetwork.TryParse(text, out var network))
            return network;
        if (IPAddress.TryParse(text, out var address))
            return new IPNetwork(address, address.GetAddressBytes().Length * 8);
        throw new ValidationException($"{Key} has '{text}'; expected addresses and networks, separated by spaces: 10.0.0.5 10.1.0.0/16 127.0.0.0/8");
    }
}
