using System.Globalization;
using System.Xml;
using System.Xml.Linq;
using Vms.Onvif.Soap;

namespace Vms.Onvif.Events;

/// <summary>A subscription that a device keeps.</summary>
/// <param name="Address">Where to ask, as told; null when the device tells none (OMNY): then where it was made.</param>
/// <param name="References">What it wants to be told with every question (Axis: the number of the subscription), ready to be sent.</param>
/// <param name="Lifetime">From now, by the device's own clock; null when it does not tell, or tells nonsense.</param>
public sealed record PullPointSubscription(string? Address, IReadOnlyList<XElement> References, TimeSpan? Lifetime)
{
    /// <summary>Reference parameters; a device with more gets none back.</summary>
    public const int MaxReferences = 8;

    /// <summary>Bytes of an answer whose reference parameters are looked at.</summary>
    public const int MaxDocument = 64 << 10;

    internal static PullPointSubscription? Read(SoapAnswer answer)
    {
        if (answer.Body.Name != "CreatePullPointSubscriptionResponse")
            return null;

        var lifetime = TimeOf(answer.Body.TextAt("TerminationTime")) - TimeOf(answer.Body.TextAt("CurrentTime"));
        return new PullPointSubscription(answer.Body.TextAt("SubscriptionReference", "Address"), ReferencesOf(answer.Document), lifetime > TimeSpan.Zero ? lifetime : null);
    }

    private static DateTimeOffset? TimeOf(string? text) =>
        DateTimeOffset.TryParse(text, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var time) ? time : null;

    /// <summary>With their namespaces, which have to come back as they were; a document whose prefixes are not declared has none that could.</summary>
    private static IReadOnlyList<XElement> ReferencesOf(ArraySegment<byte> document)
    {
        if (document.Count > MaxDocument || document.AsSpan().IndexOf("ReferenceParameters"u8) < 0)
            return [];

        var settings = new XmlReaderSettings { DtdProcessing = DtdProcessing.Prohibit, XmlResolver = null };
        try
        {
            using var stream = new MemoryStream(document.Array!, document.Offset, document.Count, writable: false);
            using var reader = XmlReader.Create(stream, settings);
            return !reader.ReadToFollowing("ReferenceParameters", OnvifNamespaces.Addressing.NamespaceName) || XNode.ReadFrom(reader) is not XElement references
                || references.Elements().Count() > MaxReferences
                ? []
                : [.. references.Elements().Select(AsHeader)];
        }
        catch (XmlException)
        {
            return [];
        }
    }

    /// <summary>WS-Addressing 1.0 SOAP Binding §4.</summary>
    private static XElement AsHeader(XElement parameter)
    {
        var header = new XElement(parameter);
        header.SetAttributeValue(OnvifNamespaces.Addressing + "IsReferenceParameter", "true");
        return header;
    }
}
