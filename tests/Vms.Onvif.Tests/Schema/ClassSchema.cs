using System.Text.RegularExpressions;
using System.Xml;
using System.Xml.Linq;
using Vms.Testing;

namespace Vms.Onvif.Tests.Schema;

/// <summary>
/// The schema of ONVIF's device, media and PTZ services and of WS-Discovery, in the form of classes that were generated from the official files: those of
/// ZoneMinder's Perl client, as Debian packages them. Says which elements may stand where and in which order, in which namespace, and of which simple type;
/// not which are missing.
/// </summary>
internal sealed partial class ClassSchema
{
    private const string Builtin = "SOAP::WSDL::XSD::Typelib::Builtin::";

    private static readonly string s_folder = Path.Combine(TestPaths.Artifacts, "onvif-classes", "usr", "share", "perl5");

    private readonly Dictionary<string, Definition?> _definitions = [];

    private sealed record Definition(string? Namespace, IReadOnlyList<(string Name, string Class)> Elements, IReadOnlySet<string> Attributes);

    public ClassSchema()
    {
        if (!Directory.Exists(Path.Combine(s_folder, "ONVIF")))
            throw new InvalidOperationException("The schema's classes are not there: run './dev setup'.");
    }

    /// <summary>What is wrong with an element, one line each.</summary>
    /// <param name="module">ONVIF::Device, ONVIF::Media, ONVIF::PTZ or WSDiscovery10.</param>
    public IReadOnlyList<string> Check(string module, XElement element)
    {
        var wrong = new List<string>();
        string name = $"{module}::Elements::{element.Name.LocalName}";
        if (Of(name) is { } definition && definition.Namespace == element.Name.NamespaceName)
            Check(element, name, element.Name.LocalName, wrong);
        else
            wrong.Add($"{element.Name} is no element of {module}");
        return wrong;
    }

    private void Check(XElement element, string type, string path, List<string> wrong)
    {
        if (type.StartsWith(Builtin, StringComparison.Ordinal))
        {
            CheckValue(element, type[Builtin.Length..], path, wrong);
            return;
        }

        var definition = Of(type);
        if (definition is null || definition.Elements.Count + definition.Attributes.Count == 0)
            return;     // a simple type of its own, or one that holds anything

        int at = 0;
        foreach (var child in element.Elements())
        {
            int found = -1;
            for (int i = at; i < definition.Elements.Count && found < 0; i++)
                found = definition.Elements[i].Name == child.Name.LocalName ? i : -1;
            if (found < 0)
            {
                wrong.Add($"{path}: {child.Name.LocalName} does not belong there, or not after what stands before");
                continue;
            }

            at = found;
            if (definition.Namespace is { } of && !type.StartsWith("WSDiscovery", StringComparison.Ordinal) && child.Name.NamespaceName != of)
                wrong.Add($"{path}: {child.Name.LocalName} is in {child.Name.NamespaceName}");
            Check(child, definition.Elements[found].Class, $"{path}/{child.Name.LocalName}", wrong);
        }

        foreach (var attribute in element.Attributes().Where(attribute => !attribute.IsNamespaceDeclaration && attribute.Name.Namespace == XNamespace.None))
        {
            if (!definition.Attributes.Contains(attribute.Name.LocalName))
                wrong.Add($"{path}: no attribute {attribute.Name.LocalName}");
        }
    }

    private static void CheckValue(XElement element, string type, string path, List<string> wrong)
    {
        try
        {
            _ = type switch
            {
                "int" or "integer" => XmlConvert.ToInt32(element.Value),
                "float" => XmlConvert.ToSingle(element.Value),
                "boolean" => XmlConvert.ToBoolean(element.Value),
                "duration" => XmlConvert.ToTimeSpan(element.Value),
                "dateTime" => XmlConvert.ToDateTime(element.Value, XmlDateTimeSerializationMode.Utc),
                "anyURI" => new Uri(element.Value, UriKind.RelativeOrAbsolute),
                _ => (object)element.Value,
            };
        }
        catch (FormatException)
        {
            wrong.Add($"{path}: '{element.Value}' is no {type}");
        }
    }

    private Definition? Of(string type)
    {
        if (_definitions.TryGetValue(type, out var known))
            return known;

        string file = Path.Combine(s_folder, Path.Combine(type.Split("::"))) + ".pm";
        _definitions[type] = null;      // until it is read: classes may name each other
        return _definitions[type] = File.Exists(file) ? Read(File.ReadAllText(file)) : null;
    }

    /// <summary>The list of names, and the hash from names to classes: of elements first, of attributes in a second call.</summary>
    private Definition Read(string source)
    {
        source = source.Split("=pod")[0];
        var elements = new List<(string, string)>();
        var attributes = new HashSet<string>();
        foreach (Match factory in Factory().Matches(source))
        {
            string[] names = factory.Groups["names"].Value.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries);
            var classes = Entry().Matches(factory.Groups["rest"].Value).ToLookup(entry => entry.Groups[1].Value, entry => entry.Groups[2].Value);
            if (factory.Groups["rest"].Value.Contains('\'', StringComparison.Ordinal) && names.All(name => factory.Groups["rest"].Value.Contains($"'{name}' =>", StringComparison.Ordinal)))
                elements.AddRange(names.Select(name => (name, classes[name].FirstOrDefault() ?? "")));
            else
                attributes.UnionWith(names);
        }

        foreach (Match inherited in Base().Matches(source))
            attributes.UnionWith(Of(inherited.Groups[1].Value)?.Attributes ?? new HashSet<string>());
        var of = Namespace().Match(source);
        return new Definition(of.Success ? of.Groups[1].Value : null, elements, attributes);
    }

    [GeneratedRegex(@"_factory\(\s*\[\s*qw\((?<names>[^)]*)\)\s*\],(?<rest>.*?)\n\);", RegexOptions.Singleline)]
    private static partial Regex Factory();

    [GeneratedRegex(@"'(\w+)' => '([\w:]+::\w[\w:]*)'")]
    private static partial Regex Entry();

    [GeneratedRegex(@"use base qw\((ONVIF::[\w:]+)\);")]
    private static partial Regex Base();

    [GeneratedRegex(@"sub get_xmlns \{\s*'([^']+)'")]
    private static partial Regex Namespace();
}
