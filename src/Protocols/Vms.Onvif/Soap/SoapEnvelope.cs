using System.Text;
using System.Xml;
using System.Xml.Linq;

namespace Vms.Onvif.Soap;

/// <summary>Where a message goes by WS-Addressing 1.0 (§3).</summary>
/// <param name="To">URI of the receiver.</param>
/// <param name="MessageId">A GUID of its own for each message.</param>
/// <param name="References">What the receiver asked to be told with every message (its reference parameters), as headers.</param>
public sealed record SoapAddressing(string To, Guid MessageId, IReadOnlyList<XElement> References);

/// <summary>Writes requests as SOAP 1.2.</summary>
public static class SoapEnvelope
{
    private static readonly UTF8Encoding s_utf8 = new(encoderShouldEmitUTF8Identifier: false);

    /// <param name="security">Of <see cref="UsernameToken"/>; null: none.</param>
    /// <returns>UTF-8 with a declaration.</returns>
    /// <exception cref="ArgumentException">A text has a character that XML cannot hold: callers check what operators write.</exception>
    public static byte[] Write(string action, XElement body, XElement? security, SoapAddressing? addressing)
    {
        var header = new List<XElement>();
        if (addressing is not null)
        {
            header.Add(new XElement(OnvifNamespaces.Addressing + "Action", new XAttribute(OnvifNamespaces.Envelope + "mustUnderstand", "1"), action));
            header.Add(new XElement(OnvifNamespaces.Addressing + "MessageID", $"urn:uuid:{addressing.MessageId}"));
            header.Add(new XElement(OnvifNamespaces.Addressing + "ReplyTo", new XElement(OnvifNamespaces.Addressing + "Address", "http://www.w3.org/2005/08/addressing/anonymous")));
            header.Add(new XElement(OnvifNamespaces.Addressing + "To", new XAttribute(OnvifNamespaces.Envelope + "mustUnderstand", "1"), addressing.To));
            header.AddRange(addressing.References.Select(reference => new XElement(reference)));
        }

        if (security is not null)
            header.Add(security);
        return ToBytes(new XElement(
            OnvifNamespaces.Envelope + "Envelope",
            new XAttribute(XNamespace.Xmlns + "s", OnvifNamespaces.Envelope.NamespaceName),
            header.Count == 0 ? null : new XElement(OnvifNamespaces.Envelope + "Header", header),
            new XElement(OnvifNamespaces.Envelope + "Body", new XElement(body))));      // a copy: calls are shared, and an element becomes part of the first tree it is put into
    }

    internal static byte[] ToBytes(XElement envelope)
    {
        using var stream = new MemoryStream();
        using (var writer = XmlWriter.Create(stream, new XmlWriterSettings { Encoding = s_utf8, Indent = false }))
            envelope.Save(writer);
        return stream.ToArray();
    }
}
