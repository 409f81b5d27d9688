using System.Globalization;
using System.Text;
using System.Xml;

namespace Vms.Control.Devices.Hikvision;

/// <summary>One element of a list, as the texts in it.</summary>
internal sealed class IsapiItem
{
    private readonly List<(string Path, string Text)> _fields = [];

    public int Count => _fields.Count;

    /// <summary>The text at a path within the element, "Video/videoCodecType"; null when there is none. Names compare without their case: firmwares differ.</summary>
    public string? this[string path]
    {
        get
        {
            foreach (var field in _fields)
            {
                if (field.Path.Equals(path, StringComparison.OrdinalIgnoreCase))
                    return field.Text;
            }

            return null;
        }
    }

    public int? Number(string path) => int.TryParse(this[path], NumberStyles.None, CultureInfo.InvariantCulture, out int number) ? number : null;

    public bool? Flag(string path) => bool.TryParse(this[path], out bool flag) ? flag : null;

    /// <summary>All numbers whose element has this name, wherever in the item.</summary>
    public IEnumerable<int> Numbers(string name)
    {
        foreach (var (path, text) in _fields)
        {
            if (path.AsSpan(path.LastIndexOf('/') + 1).Equals(name, StringComparison.OrdinalIgnoreCase)
                && int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out int number))
            {
                yield return number;
            }
        }
    }

    internal void Add(string path, string text) => _fields.Add((path, text));
}

/// <summary>
/// Reads the lists that ISAPI answers with. Sans-IO.
/// </summary>
/// <remarks>
/// Deviations accepted: names are compared without their namespaces (firmwares change between hikvision.com, isapi.org and std-cgi.com); a bare <c>&amp;</c> in a text, which
/// recorders write into playback URIs, stands for itself. A document that breaks off gives what stood before. A DTD ends the reading.
/// </remarks>
internal static class IsapiXml
{
    /// <summary>Of one document; what follows is left out. 256 channels with three streams each are 768.</summary>
    public const int MaxItems = 2048;

    /// <summary>Of one item; what follows is left out.</summary>
    public const int MaxFields = 256;

    /// <summary>Characters; a longer text is left out.</summary>
    public const int MaxText = 1024;

    /// <summary>Elements in each other; a deeper document is not read further.</summary>
    public const int MaxDepth = 24;

    /// <summary>Characters of the path to a text; a longer one is left out.</summary>
    private const int MaxPath = 256;

    private const int MaxRepairs = 16 << 10;

    /// <summary>Adds every element of this name.</summary>
    /// <returns>False when the document is not well-formed: what was readable is there.</returns>
    public static bool Read(byte[] document, string name, ICollection<IsapiItem> items)
    {
        byte[] text = EscapeBareAmpersands(document);
        using var stream = new MemoryStream(text, 0, text.AsSpan().TrimEnd(" \t\r\n\0"u8).Length, writable: false);
        using var reader = new XmlTextReader(stream) { Namespaces = false, Normalization = true, DtdProcessing = DtdProcessing.Prohibit, XmlResolver = null };
        var draft = new Draft(name);
        try
        {
            while (items.Count < MaxItems && reader.Read())
            {
                if (reader.Depth > MaxDepth)
                    return false;
                if (draft.Take(reader) is { } item)
                    items.Add(item);
            }

            return true;
        }
        catch (XmlException)
        {
            return false;
        }
    }

    /// <summary>The first element of this name; null when there is none.</summary>
    public static IsapiItem? First(byte[] document, string name)
    {
        var items = new List<IsapiItem>();
        Read(document, name, items);
        return items.Count > 0 ? items[0] : null;
    }

    private static byte[] EscapeBareAmpersands(byte[] document)
    {
        int bare = 0;
        for (int at = 0; NextBare(document, at) is >= 0 and int found; at = found + 1)
        {
            if (++bare > MaxRepairs)
                return document;
        }

        if (bare == 0)
            return document;

        byte[] repaired = new byte[document.Length + (bare * 4)];
        int from = 0;
        int to = 0;
        while (NextBare(document, from) is >= 0 and int found)
        {
            document.AsSpan(from, found - from).CopyTo(repaired.AsSpan(to));
            to += found - from;
            "&amp;"u8.CopyTo(repaired.AsSpan(to));
            to += 5;
            from = found + 1;
        }

        document.AsSpan(from).CopyTo(repaired.AsSpan(to));
        return repaired;
    }

    /// <summary>Where the next ampersand is that begins no reference; -1 when there is none.</summary>
    private static int NextBare(ReadOnlySpan<byte> document, int from)
    {
        while (document[from..].IndexOf((byte)'&') is >= 0 and int found)
        {
            var rest = document[(from + found + 1)..];
            if (!rest.StartsWith("amp;"u8) && !rest.StartsWith("lt;"u8) && !rest.StartsWith("gt;"u8) && !rest.StartsWith("quot;"u8) && !rest.StartsWith("apos;"u8) && !rest.StartsWith("#"u8))
                return from + found;
            from += found + 1;
        }

        return -1;
    }

    /// <summary>The item that is being read.</summary>
    private sealed class Draft(string name)
    {
        private readonly List<string> _path = [];       // within the item
        private readonly StringBuilder _text = new();
        private IsapiItem? _item;
        private bool _isLeaf;

        /// <returns>The item that ends here.</returns>
        public IsapiItem? Take(XmlTextReader reader)
        {
            switch (reader.NodeType)
            {
                case XmlNodeType.Element:
                    return Begin(LocalName(reader.Name), reader.IsEmptyElement);
                case XmlNodeType.Text or XmlNodeType.CDATA or XmlNodeType.SignificantWhitespace when _isLeaf && _text.Length <= MaxText:
                    _text.Append(reader.Value);
                    break;
                case XmlNodeType.EndElement:
                    return End();
                default:
                    break;
            }

            return null;
        }

        private IsapiItem? Begin(string element, bool isEmpty)
        {
            if (_item is null)
            {
                if (element != name)
                    return null;
                _path.Clear();
                _isLeaf = false;
                _item = new IsapiItem();
                return isEmpty ? Finish() : null;
            }

            _isLeaf = !isEmpty;
            _text.Clear();
            if (!isEmpty)
                _path.Add(element);
            return null;
        }

        private IsapiItem? End()
        {
            if (_item is null)
                return null;
            if (_path.Count == 0)
                return Finish();
            if (_isLeaf && _text.Length <= MaxText && _item.Count < MaxFields && _path.Sum(part => part.Length + 1) <= MaxPath)
                _item.Add(string.Join('/', _path), _text.ToString().Trim());
            _isLeaf = false;
            _path.RemoveAt(_path.Count - 1);
            return null;
        }

        private IsapiItem? Finish()
        {
            var item = _item;
            _item = null;
            return item;
        }

        private static string LocalName(string qualified) => qualified[(qualified.LastIndexOf(':') + 1)..];
    }
}
