using System.Xml;

namespace Vms.Onvif.Events;

/// <summary>
/// Finds the notifications in the documents of a metadata track (<c>tt:MetadataStream</c>, ONVIF Streaming Specification §5.2.1). Everything else in
/// them (objects, scene descriptions, PTZ) is passed over.
/// </summary>
/// <remarks>
/// Deviations accepted: names are compared without their namespaces, because prefixes come undeclared (Reolink TrackMix) and children in the wrong
/// namespace. A document that breaks off gives what stood before. Nothing outside the document is ever asked for: a DTD ends the reading.
/// </remarks>
public static class MetadataStream
{
    /// <summary>Of one document; what follows is left out.</summary>
    public const int MaxNotifications = 64;

    /// <summary>Of one notification, each of Source with Key, and Data.</summary>
    public const int MaxItems = 16;

    /// <summary>Characters of a topic, a name or a value. A longer topic is no notification, a longer item is left out.</summary>
    public const int MaxText = 256;

    /// <summary>False when there is nothing to find, which a glance tells: most documents of a camera with analytics only describe objects.</summary>
    public static bool MayNotify(ReadOnlySpan<byte> document) => document.IndexOf("NotificationMessage"u8) >= 0;

    /// <summary>Adds what a document tells, in its order.</summary>
    /// <param name="document">UTF-8, or what its declaration says.</param>
    /// <returns>False when it is not well-formed: what was readable is there.</returns>
    public static bool Read(ArraySegment<byte> document, ICollection<Notification> notifications)
    {
        var text = document.AsSpan().TrimEnd(" \t\r\n\0"u8);
        using var stream = new MemoryStream(document.Array!, document.Offset, text.Length, writable: false);
        using var reader = new XmlTextReader(stream) { Namespaces = false, Normalization = true, DtdProcessing = DtdProcessing.Prohibit, XmlResolver = null };
        var draft = new Draft();
        try
        {
            for (int found = 0; found < MaxNotifications && reader.Read();)
            {
                if (draft.Take(reader) is { } notification)
                {
                    notifications.Add(notification);
                    found++;
                }
            }

            return true;
        }
        catch (XmlException)
        {
            return false;
        }
    }

    /// <summary>"tns1:VideoSource/tnsaxis:MotionAlarm" → "VideoSource/MotionAlarm"; null when it is none.</summary>
    private static string? TopicOf(string text)
    {
        var topic = text.AsSpan().Trim();
        return topic.IsEmpty || topic.Length > MaxText
            ? null
            : string.Join('/', topic.ToString().Split('/').Select(segment => segment[(segment.LastIndexOf(':') + 1)..].Trim()));
    }

    private static ReadOnlySpan<char> LocalName(string name) => name.AsSpan(name.LastIndexOf(':') + 1);

    /// <summary>The notification that is being read.</summary>
    private sealed class Draft
    {
        private readonly List<SimpleItem> _source = [];
        private readonly List<SimpleItem> _data = [];
        private List<SimpleItem>? _items;       // of the section that is open
        private bool _open;
        private bool _inTopic;
        private string? _topic;
        private PropertyOperation _operation;

        /// <returns>The notification that ends here.</returns>
        public Notification? Take(XmlTextReader reader)
        {
            switch (reader.NodeType)
            {
                case XmlNodeType.Element:
                    Begin(reader);
                    break;
                case XmlNodeType.Text or XmlNodeType.CDATA when _inTopic:
                    _topic ??= TopicOf(reader.Value);
                    break;
                case XmlNodeType.EndElement:
                    return End(LocalName(reader.Name));
                default:
                    break;
            }

            return null;
        }

        private void Begin(XmlTextReader reader)
        {
            var name = LocalName(reader.Name);
            if (name is "NotificationMessage")
            {
                (_open, _inTopic, _topic, _operation, _items) = (true, false, null, PropertyOperation.None, null);
                _source.Clear();
                _data.Clear();
            }

            if (!_open)
                return;

            switch (name)
            {
                case "Topic":
                    _inTopic = !reader.IsEmptyElement;
                    break;
                case "Message":
                    // There are two, one in the other (§9.5.2); only the inner one has it.
                    if (Enum.TryParse(reader.GetAttribute("PropertyOperation"), ignoreCase: true, out PropertyOperation operation) && Enum.IsDefined(operation))
                        _operation = operation;
                    break;
                case "Source" or "Key":
                    _items = reader.IsEmptyElement ? null : _source;
                    break;
                case "Data":
                    _items = reader.IsEmptyElement ? null : _data;
                    break;
                case "SimpleItem":
                    TakeItem(reader.GetAttribute("Name"), reader.GetAttribute("Value"));
                    break;
                default:
                    break;
            }
        }

        private void TakeItem(string? name, string? value)
        {
            if (_items is { Count: < MaxItems } && name is { Length: > 0 and <= MaxText } && value is { Length: <= MaxText })
                _items.Add(new SimpleItem(name, value));
        }

        private Notification? End(ReadOnlySpan<char> name)
        {
            switch (name)
            {
                case "Topic":
                    _inTopic = false;
                    break;
                case "Source" or "Key" or "Data":
                    _items = null;
                    break;
                case "NotificationMessage" when _open:
                    _open = false;
                    return _topic is null ? null : new Notification(_topic, _operation, string.Join(',', _source.Select(i => $"{i.Name}={i.Value}")), [.. _data]);
                default:
                    break;
            }

            return null;
        }
    }
}
