using System.Globalization;
using System.Reflection;
using System.Security.Cryptography;
using System.Text;
using System.Text.RegularExpressions;

namespace Vms.Postgres;

/// <summary>One ordered SQL script, embedded in the plane's assembly as <c>Migrations/0001_name.sql</c>.</summary>
/// <param name="Version">The number in front of the name; versions start at 1 and have no holes.</param>
/// <param name="Name">What stands behind the number.</param>
/// <param name="Sql">One or more statements; runs inside one transaction.</param>
public sealed partial record MigrationScript(int Version, string Name, string Sql)
{
    /// <summary>SHA-256 of the text with line ends normalised, lower-case hex.</summary>
    public string Checksum =>
        Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(Sql.Replace("\r\n", "\n", StringComparison.Ordinal))));

    /// <summary>All scripts of an assembly in order.</summary>
    /// <exception cref="MigrationException">Two scripts share a version, or a version is missing.</exception>
    public static IReadOnlyList<MigrationScript> FromAssembly(Assembly assembly)
    {
        var scripts = new List<MigrationScript>();
        foreach (var resource in assembly.GetManifestResourceNames())
        {
            var match = ScriptName().Match(resource);
            if (!match.Success)
                continue;
            using var reader = new StreamReader(assembly.GetManifestResourceStream(resource)!, Encoding.UTF8);
            scripts.Add(new MigrationScript(
                int.Parse(match.Groups[1].Value, CultureInfo.InvariantCulture), match.Groups[2].Value, reader.ReadToEnd()));
        }

        scripts.Sort((a, b) => a.Version.CompareTo(b.Version));
        for (var i = 0; i < scripts.Count; i++)
        {
            if (scripts[i].Version != i + 1)
                throw new MigrationException($"migration scripts of {assembly.GetName().Name} are not numbered 1..n: found {scripts[i].Version} at place {i + 1}");
        }

        return scripts;
    }

    [GeneratedRegex(@"Migrations\.(\d{4})_([A-Za-z0-9_]+)\.sql$")]
    private static partial Regex ScriptName();
}
