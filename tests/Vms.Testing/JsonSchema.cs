using System.Diagnostics;

namespace Vms.Testing;

/// <summary>The schemas in <c>contracts</c>, as Ajv understands them, which knows JSON Schema 2020-12.</summary>
public static class JsonSchema
{
    private const string Check = """
        const Ajv = require("ajv/dist/2020.js").default, fs = require("fs");
        const ajv = new Ajv({ strict: false, allErrors: true, formats: { "date-time": /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)$/ } });
        const validate = ajv.compile(JSON.parse(fs.readFileSync(process.argv[1])));
        for (const line of fs.readFileSync(process.argv[2], "utf8").split("\n").filter(Boolean))
          if (!validate(JSON.parse(line))) { console.error(line, JSON.stringify(validate.errors)); process.exitCode = 1; }
        """;

    private static readonly TimeSpan s_patience = TimeSpan.FromMinutes(2);

    /// <param name="schema">Its file's name up to <c>.schema.json</c>.</param>
    /// <exception cref="InvalidDataException">A document is not as the schema says; the message names it and why.</exception>
    public static async Task CheckAsync(string schema, IEnumerable<string> documents)
    {
        using var folder = new TestDirectory();
        await File.WriteAllLinesAsync(folder["documents"], documents.Select(d => d.ReplaceLineEndings(" ")));
        using var process = Process.Start(new ProcessStartInfo("node")
        {
            ArgumentList = { "-e", Check, Path.Combine(TestPaths.Repository, "contracts", $"{schema}.schema.json"), folder["documents"] },
            WorkingDirectory = Path.Combine(TestPaths.Repository, "sdk"),
            RedirectStandardError = true,
        })!;
        using var patience = new CancellationTokenSource(s_patience);
        string said = await process.StandardError.ReadToEndAsync(patience.Token);
        await process.WaitForExitAsync(patience.Token);
        if (process.ExitCode != 0)
            throw new InvalidDataException(said);
    }
}
