using System.Text;
using System.Xml;

namespace Vms.Onvif.Soap;

/// <summary>Reads any XML document of a device into <see cref="SoapElement"/>s.</summary>
/// <remarks>
/// Deviations accepted: namespaces are not looked at; blanks and a byte order mark before the declaration and zeros after the end are passed over; an
/// encoding that is declared but not known here (gb2312) is read as UTF-8, so that at least what is ASCII is right. Nothing outside of the document is
/// ever asked for: a DTD ends the reading, and an entity that is not XML's own stands for nothing.
/// </remarks>
public static class SoapReader
{
    /// <summary>Bytes of a document; a longer one is not read.</summary>
    public const int MaxDocument = 4 << 20;

    /// <summary>Elements in each other.</summary>
    public const int MaxDepth = 64;

    public const int MaxElements = 50_000;

    /// <summary>Of one element.</summary>
    public const int MaxAttributes = 64;

    /// <returns>The root; null when it is no XML, breaks off, or goes beyond a ceiling.</returns>
    public static SoapElement? Read(ReadOnlySpan<byte> document)
    {
        if (document.Length > MaxDocument)
            return null;

        string text = TextOf(document);
        using var input = new StringReader(text);
        using var reader = new XmlTextReader(input) { Namespaces = false, Normalization = true, DtdProcessing = DtdProcessing.Prohibit, XmlResolver = null };
        try
        {
            return Read(reader);
        }
        catch (XmlException)
        {
            return null;
        }
    }

    private static SoapElement? Read(XmlTextReader reader)
    {
        var open = new Stack<(SoapElement Element, StringBuilder? Text)>();
        SoapElement? root = null;
        int count = 0;
        while (reader.Read())
        {
            switch (reader.NodeType)
            {
                case XmlNodeType.Element:
                    if (++count > MaxElements || open.Count == MaxDepth || reader.AttributeCount > MaxAttributes)
                        return null;
                    var element = Begin(reader);
                    if (open.TryPeek(out var parent))
                        parent.Element.Add(element);
                    root ??= element;
                    if (!reader.IsEmptyElement)
                        open.Push((element, null));
                    break;
                case XmlNodeType.Text or XmlNodeType.CDATA when open.Count > 0:
                    var (taker, text) = open.Pop();
                    open.Push((taker, (text ?? new StringBuilder()).Append(reader.Value)));
                    break;
                case XmlNodeType.EndElement:
                    var (ended, content) = open.Pop();
                    if (content is not null)
                        ended.Text = content.ToString().Trim();
                    break;
                default:
                    break;
            }
        }

        return root;
    }

    private static SoapElement Begin(XmlTextReader reader)
    {
        var element = new SoapElement(LocalName(reader.Name));
        while (reader.MoveToNextAttribute())
            element.AddAttribute(LocalName(reader.Name), reader.Value);
        reader.MoveToElement();
        return element;
    }

    private static string LocalName(string name) => name[(name.LastIndexOf(':') + 1)..];

    private static string TextOf(ReadOnlySpan<byte> document)
    {
        string text = document switch
        {
            [0xFF, 0xFE, .. var rest] => Encoding.Unicode.GetString(rest),
            [0xFE, 0xFF, .. var rest] => Encoding.BigEndianUnicode.GetString(rest),
            _ => Encoding.UTF8.GetString(document),
        };
        return text.Trim('\uFEFF', ' ', '\t', '\r', '\n', '\0');
    }
}
