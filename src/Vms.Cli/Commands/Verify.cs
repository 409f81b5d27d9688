using System.ComponentModel.DataAnnotations;
using System.Globalization;
using System.Security.Cryptography;
using Microsoft.Extensions.Configuration;
using Vms.Cli.Verification;
using Vms.Containers.Integrity;
using Vms.Hosting;

namespace Vms.Cli.Commands;

/// <summary>vms verify: are recordings what was recorded? Needs no running server: the files and a public key. Exit code 0 when they are, 1 when
/// something was altered, 2 when that cannot be said, 64 for arguments that make no sense.</summary>
internal static class Verify
{
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
            Console.Error.WriteLine($"vms verify: {e.Message}");
            return UsageExitCode;
        }
        catch (Exception e) when (e is InvalidDataException or IOException or UnauthorizedAccessException or ValidationException)
        {
            Console.Error.WriteLine($"vms verify: {e.Message}");
            return UnknownExitCode;
        }
    }

    private static int Run(VerifyArguments arguments, TextWriter output)
    {
        var settings = new Dictionary<string, string?>();
        if (arguments.Data is { } data)
            settings["VMS_DATA"] = data;
        var options = PlaneOptions.From(new ConfigurationBuilder().AddEnvironmentVariables().AddInMemoryCollection(settings).Build());
        var recordings = arguments.CameraId is { } camera
            ? RecordedFiles.Of(options.RecordingsDirectory, camera, arguments.Stream, arguments.From, arguments.To)
            : RecordedFiles.At(arguments.Paths);
        using var keys = ReadKeys(arguments.KeyFile ?? options.IntegrityPublicKeyFile, output);
        var anchors = arguments.Anchor is { } path ? Anchors.At(path, keys, arguments.To) : Anchors.None;
        return new ArchiveVerification(keys, anchors, output, TimeProvider.System).Run(recordings);
    }

    private static IntegrityKeys? ReadKeys(string path, TextWriter output)
    {
        try
        {
            return IntegrityKeys.FromPem(File.ReadAllText(path));
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or CryptographicException)
        {
            output.WriteLine($"No public key ({e.Message}): signatures are not checked, so nobody vouches for what follows. Give the key with --key FILE.");
            return null;
        }
    }
}

/// <summary>What was asked for.</summary>
internal sealed record VerifyArguments(
    IReadOnlyList<string> Paths, string? CameraId, string Stream, DateTimeOffset From, DateTimeOffset To, string? KeyFile, string? Anchor, string? Data)
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
