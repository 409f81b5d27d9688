using System.Xml.Linq;
using Vms.Onvif.Soap;

namespace Vms.Onvif.Discovery;

/// <summary>Which devices a probe is for. Each form finds some that the others do not.</summary>
public enum ProbeForm
{
    /// <summary><c>dn:NetworkVideoTransmitter</c>: what ONVIF asks of cameras.</summary>
    Transmitter,

    /// <summary><c>tds:Device</c>: what devices of all kinds say since profile T.</summary>
    Device,

    /// <summary>Without types: everybody answers, printers, too.</summary>
    Any,
}

/// <summary>WS-Discovery's question (April 2005, §5.2; ONVIF Core Specification §7).</summary>
public static class Probe
{
    /// <summary>UDP port of discovery.</summary>
    public const int Port = 3702;

    /// <summary>UDP loses, and devices with a full queue do: each probe is sent so often, with the same message id.</summary>
    public const int Sends = 3;

    public static readonly System.Net.IPAddress Group = new([239, 255, 255, 250]);

    public static readonly IReadOnlyList<ProbeForm> Forms = [ProbeForm.Transmitter, ProbeForm.Device, ProbeForm.Any];

    public static byte[] Write(ProbeForm form, Guid messageId)
    {
        var types = form switch
        {
            ProbeForm.Transmitter => Types("dn", OnvifNamespaces.Network, "NetworkVideoTransmitter"),
            ProbeForm.Device => Types("tds", OnvifNamespaces.Device, "Device"),
            _ => null,
        };
        return SoapEnvelope.ToBytes(new XElement(
            OnvifNamespaces.Envelope + "Envelope",
            new XAttribute(XNamespace.Xmlns + "s", OnvifNamespaces.Envelope.NamespaceName),
            new XAttribute(XNamespace.Xmlns + "a", OnvifNamespaces.DiscoveryAddressing.NamespaceName),
            new XAttribute(XNamespace.Xmlns + "d", OnvifNamespaces.Discovery.NamespaceName),
            new XElement(
                OnvifNamespaces.Envelope + "Header",
                new XElement(OnvifNamespaces.DiscoveryAddressing + "Action", new XAttribute(OnvifNamespaces.Envelope + "mustUnderstand", "1"), "http://schemas.xmlsoap.org/ws/2005/04/discovery/Probe"),
                new XElement(OnvifNamespaces.DiscoveryAddressing + "MessageID", $"uuid:{messageId}"),
                new XElement(OnvifNamespaces.DiscoveryAddressing + "ReplyTo", new XElement(OnvifNamespaces.DiscoveryAddressing + "Address", "http://schemas.xmlsoap.org/ws/2004/08/addressing/role/anonymous")),
                new XElement(OnvifNamespaces.DiscoveryAddressing + "To", new XAttribute(OnvifNamespaces.Envelope + "mustUnderstand", "1"), "urn:schemas-xmlsoap-org:ws:2005:04:discovery")),
            new XElement(OnvifNamespaces.Envelope + "Body", new XElement(OnvifNamespaces.Discovery + "Probe", types))));
    }

    private static XElement Types(string prefix, XNamespace of, string name) =>
        new(OnvifNamespaces.Discovery + "Types", new XAttribute(XNamespace.Xmlns + prefix, of.NamespaceName), $"{prefix}:{name}");
}
