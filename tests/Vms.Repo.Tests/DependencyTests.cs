using System.Text.RegularExpressions;
using System.Xml.Linq;

namespace Vms.Repo.Tests;

/// <summary>Project references point down: planes → seams → protocols → codecs (house rule, ARCHITECTURE.md).</summary>
public sealed partial class DependencyTests
{
    private static readonly Dictionary<string, (string Layer, string[] References)> s_projects = ReadProjects();

    [Fact]
    public void Projects_are_found() => Assert.True(s_projects.Count > 15, $"only {s_projects.Count} projects");

    [Fact]
    public void The_vocabulary_references_nothing_of_ours() => Assert.Empty(s_projects["Vms.Codecs"].References);

    [Fact]
    public void Protocols_reference_only_protocols() => Rule.Holds(Wrong("Protocols", allowed: ["Protocols"]));

    [Fact]
    public void Seams_reference_no_plane() => Rule.Holds(Wrong("Seams", allowed: ["Seams", "Protocols"]));

    [Fact]
    public void Planes_reference_no_plane() => Rule.Holds(Wrong("Planes", allowed: ["Seams", "Protocols"]));

    [Fact]
    public void The_command_line_references_no_plane() => Rule.Holds(Wrong("Vms.Cli", allowed: ["Seams", "Protocols"]));

    [Fact]
    public void Protocols_do_no_input_output_and_ask_no_clock() => Rule.Holds(
        from file in Sources.Under("src/Protocols", ".cs")
        from line in Rule.CodeLines(file)
        from Match match in InputOutput().Matches(line.Text)
        select $"{file.Place}:{line.Number}: {match.Value}");

    [Fact]
    public void Every_project_is_in_the_solution_and_has_a_lock_file()
    {
        var solution = Sources.All.Single(f => f.Place == "Vms.slnx").Text;
        Rule.Holds(
            from file in Sources.All
            where file.Place.EndsWith(".csproj", StringComparison.Ordinal)
            from complaint in new[]
            {
                solution.Contains($"\"{file.Place}\"", StringComparison.Ordinal) ? null : $"{file.Place} is not in Vms.slnx",
                Sources.All.Any(f => f.Place == file.Place[..file.Place.LastIndexOf('/')] + "/packages.lock.json") ? null : $"{file.Place} has no lock file",
            }
            where complaint is not null
            select complaint);
    }

    [Fact]
    public void Package_versions_stand_in_one_place() => Rule.Holds(
        from file in Sources.All
        where file.Place.EndsWith(".csproj", StringComparison.Ordinal)
        from reference in XDocument.Parse(file.Text).Descendants("PackageReference")
        where reference.Attribute("Version") is not null || reference.Attribute("VersionOverride") is not null
        select $"{file.Place}: {reference.Attribute("Include")?.Value}");

    private static IEnumerable<string> Wrong(string layer, string[] allowed) =>
        from project in s_projects
        where project.Value.Layer == layer
        from reference in project.Value.References
        where !allowed.Contains(s_projects[reference].Layer)
        select $"{project.Key} references {reference}";

    /// <summary>Layer: the folder under src ("Seams"), or "tests", "bench".</summary>
    private static Dictionary<string, (string Layer, string[] References)> ReadProjects() =>
        Sources.All.Where(f => f.Place.EndsWith(".csproj", StringComparison.Ordinal)).ToDictionary(
            f => Path.GetFileNameWithoutExtension(f.Place),
            f => (
                f.Place.StartsWith("src/", StringComparison.Ordinal) ? f.Place.Split('/')[1] : f.Place.Split('/')[0],
                XDocument.Parse(f.Text).Descendants("ProjectReference")
                    .Select(r => Path.GetFileNameWithoutExtension(r.Attribute("Include")!.Value.Replace('\\', '/'))).ToArray()));

    // Names of types, not of namespaces: AddressFamily, a plain word about addresses, lives beside the sockets.
    [GeneratedRegex(
        @"(?<![\w.])((Socket|SocketException|SocketAsyncEventArgs|NetworkStream|TcpClient|TcpListener|UdpClient|HttpClient|Dns|FileStream|"
        + @"Thread|Timer|PeriodicTimer|ILogger|DllImport|LibraryImport)\b|(File|Directory|Process|Environment)\.|TimeProvider\.System)"
        + @"|System\.Net\.Sockets\.(?!AddressFamily)|System\.IO\.File")]
    private static partial Regex InputOutput();
}
