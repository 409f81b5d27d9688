using System.Globalization;

namespace Vms.Onvif.Soap;

/// <summary>
/// An element of a device's answer. Names are local names and compared without namespaces, because prefixes come undeclared (Reolink TrackMix) and
/// children in the wrong namespace. Immutable once read; any thread.
/// </summary>
public sealed class SoapElement
{
    private readonly List<SoapElement> _children = [];
    private readonly List<(string Name, string Value)> _attributes = [];

    internal SoapElement(string name) => Name = name;

    public string Name { get; }

    /// <summary>Its own text, without the blanks around it: devices pad addresses.</summary>
    public string Text { get; internal set; } = "";

    public IReadOnlyList<SoapElement> Children => _children;

    /// <summary>Null when there is none of that local name.</summary>
    public string? Attribute(string name)
    {
        foreach (var (attribute, value) in _attributes)
        {
            if (attribute == name)
                return value;
        }

        return null;
    }

    /// <summary>The first of that name.</summary>
    public SoapElement? Child(string name)
    {
        foreach (var child in _children)
        {
            if (child.Name == name)
                return child;
        }

        return null;
    }

    /// <summary>The first child of the first child of … of those names.</summary>
    public SoapElement? At(params ReadOnlySpan<string> path)
    {
        var at = this;
        foreach (string name in path)
        {
            at = at.Child(name);
            if (at is null)
                return null;
        }

        return at;
    }

    public IEnumerable<SoapElement> ChildrenNamed(string name) => _children.Where(child => child.Name == name);

    /// <summary>The first element of that name below this one, however deep.</summary>
    public SoapElement? Descendant(string name)
    {
        foreach (var child in _children)
        {
            if (child.Name == name)
                return child;
            if (child.Descendant(name) is { } found)
                return found;
        }

        return null;
    }

    /// <summary>Text of the element at a path; null when it is not there or empty.</summary>
    public string? TextAt(params ReadOnlySpan<string> path) => At(path)?.Text is { Length: > 0 } text ? text : null;

    /// <summary>Null when it is not there or no finite number.</summary>
    public double? NumberAt(params ReadOnlySpan<string> path) => ToNumber(TextAt(path));

    public int? IntegerAt(params ReadOnlySpan<string> path) => ToInteger(TextAt(path));

    /// <summary>xs:boolean; some write it with capital letters.</summary>
    public bool? FlagAt(params ReadOnlySpan<string> path) => ToFlag(TextAt(path));

    internal static double? ToNumber(string? text) =>
        double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out double number) && double.IsFinite(number) ? number : null;

    /// <summary>Some devices write "25.000000" where the schema says xs:int.</summary>
    internal static int? ToInteger(string? text) => ToNumber(text) is { } number && Math.Abs(number) <= int.MaxValue ? (int)Math.Round(number) : null;

    internal static bool? ToFlag(string? text) =>
        text is null ? null
        : text.Equals("true", StringComparison.OrdinalIgnoreCase) || text is "1" ? true
        : text.Equals("false", StringComparison.OrdinalIgnoreCase) || text is "0" ? false
        : null;

    internal void Add(SoapElement child) => _children.Add(child);

    internal void AddAttribute(string name, string value) => _attributes.Add((name, value));
}
