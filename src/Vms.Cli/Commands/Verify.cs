using System.ComponentModel.DataAnnotations;
using System.Globalization;
using System.Security.Cryptography;
using Microsoft.Extensions.Configuration;
using Vms.Cli.Verification;
using Vms.Containers.Integrity;
using Vms.Hosting;

namespace Vms.Cli.Commands;

/// <summary>vms verify: are recordings, and exports, what was recorded? Needs no running server: the files and a public key. Exit code 0 when they are, 1 when
/// something was altered, 2 when that cannot be said, 64 for arguments that make no sense.</summary>
internal static class Verify
{
    private const int AlteredExitCode = 1;
    private const int UnknownExitCode = 2;
    private const int UsageExitCode = 64;

    public static int Run(string[] args)
    {
        try
        {
            return Run(VerifyArguments.Parse(args), Console.Out);
        }
        catch (FormatException e)
        {
            Console.Error.WriteLine(TerminalText.Of($"vms verify: {e.Message}"));
            return UsageExitCode;
        }
        catch (Exception e) when (e is InvalidDataException or IOException or UnauthorizedAccessException or ValidationException)
        {
            Console.Error.WriteLine(TerminalText.Of($"vms verify: {e.Message}"));
            return UnknownExitCode;
        }
    }

    private static int Run(VerifyArguments arguments, TextWriter output)
    {
        var settings = new Dictionary<string, string?>();
        if (arguments.Data is { } data)
            settings["VMS_DATA"] = data;
        var options = PlaneOptions.From(new ConfigurationBuilder().AddEnvironmentVariables().AddInMemoryCollection(settings).Build());
        if (arguments.Paths.Select(ExportedFiles.At).OfType<ExportedFiles>().ToList() is { Count: > 0 } exports)
        {
            if (exports.Count < arguments.Paths.Count)
                throw new FormatException("verify exports and recordings one after the other");
            using var known = ReadKeys(arguments.KeyFile ?? options.IntegrityPublicKeyFile, output, quiet: arguments.KeyFile is null);
            var codes = exports.Select(e => new ExportVerification(known, output).Run(e)).ToList();
            return codes.Contains(AlteredExitCode) ? AlteredExitCode : codes.Max();
        }

        var recordings = arguments.CameraId is { } camera
            ? RecordedFiles.Of([options.RecordingsDirectory, .. StorageSettings.Load(options).Pools.Select(p => p.Path)], camera, arguments.Stream, arguments.From, arguments.To)
            : RecordedFiles.At(arguments.Paths);
        using var keys = ReadKeys(arguments.KeyFile ?? options.IntegrityPublicKeyFile, output, quiet: false);
        using var dataKeys = DataKeys.Read(arguments.DataKeys ?? options.KeysDirectory, recordings.SelectMany(r => r.Files).Select(f => f.Path));
        var anchors = arguments.Anchor is { } path ? Anchors.At(path, keys, arguments.To) : Anchors.None;
        return new ArchiveVerification(keys, anchors, output, TimeProvider.System, dataKeys).Run(recordings);
    }

    /// <param name="quiet">Exports bring a key of their own, and are verified where the installation is not.</param>
    private static IntegrityKeys? ReadKeys(string path, TextWriter output, bool quiet)
    {
        try
        {
            return IntegrityKeys.FromPem(File.ReadAllText(path));
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or CryptographicException)
        {
            if (!quiet)
                output.WriteLine($"No public key ({e.Message}): signatures are not checked, so nobody vouches for what follows. Give the key with --key FILE.");
            return null;
        }
    }
}

/// <summary>What was asked for.</summary>
internal sealed record VerifyArguments(
    IReadOnlyList<string> Paths, string? CameraId, string Stream, DateTimeOffset From, DateTimeOffset To, string? KeyFile, string? Anchor, string? Data, string? DataKeys = null)
{
    /// <exception cref="FormatException">The message is for the user.</exception>
    public static VerifyArguments Parse(ReadOnlySpan<string> args)
    {
        var paths = new List<string>();
        var parsed = new VerifyArguments(paths, null, "main", DateTimeOffset.MinValue, DateTimeOffset.MaxValue, null, null, null);
        while (!args.IsEmpty)
        {
            string name = args[0];
            if (!name.StartsWith("--", StringComparison.Ordinal))
            {
                paths.Add(name);
                args = args[1..];
                continue;
            }

            string value = args.Length > 1 ? args[1] : throw new FormatException($"{name} lacks its value");
            parsed = name switch
            {
                "--camera" => parsed with { CameraId = value },
                "--stream" => parsed with { Stream = value },
                "--from" => parsed with { From = Time(name, value) },
                "--to" => parsed with { To = Time(name, value) },
                "--key" => parsed with { KeyFile = value },
                "--keys" => parsed with { DataKeys = value },
                "--anchor" => parsed with { Anchor = value },
                "--data" => parsed with { Data = value },
                _ => throw new FormatException($"there is no option {name}"),
            };
            args = args[2..];
        }

        if ((parsed.CameraId is null) == (paths.Count == 0))
            throw new FormatException("say what to verify: files or folders, or one camera with --camera ID");
        if (parsed.CameraId is null && (parsed.From, parsed.To) != (DateTimeOffset.MinValue, DateTimeOffset.MaxValue))
            throw new FormatException("--from and --to go with --camera");
        return parsed;
    }

    private static DateTimeOffset Time(string name, string value) =>
        DateTimeOffset.TryParse(value, CultureInfo.InvariantCulture, DateTimeStyles.AssumeLocal, out var time)
            ? time : throw new FormatException($"{name} {value} is no time; for example 2026-11-21T09:30:00Z");
}
