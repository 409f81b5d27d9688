using System.ComponentModel.DataAnnotations;
using System.Globalization;
using Vms.Ai.Models.Onnx;
using Vms.Ai.Models.Trial;

namespace Vms.Ai.Models.Commands;

/// <summary>
/// <c>vms models list|add|remove|test|default</c>, and <c>install</c> for ./dev setup. Exit code 0, 1 when a model is not taken or not fit, 2 when it could not be done,
/// 64 for arguments that make no sense.
/// </summary>
internal static class ModelsCommand
{
    internal const string Argument = "models";

    private const int NotFitExitCode = 1;
    private const int NotDoneExitCode = 2;
    private const int UsageExitCode = 64;

    internal static int Run(IReadOnlyList<string> args, TextWriter output, TextWriter errors)
    {
        try
        {
            if (ModelsArguments.Parse(args, out var complaint) is not { } arguments)
            {
                errors.WriteLine($"vms: {complaint}");
                return UsageExitCode;
            }

            return arguments.Words switch
            {
                ["list"] => List(arguments, output),
                ["add", var file] => Add(file, arguments, output),
                ["remove", var name] => Remove(name, arguments, output),
                ["test", var name, .. var picture] when picture.Length <= 1 => Test(name, picture.FirstOrDefault(), arguments, output),
                ["default", var name] => MakeDefault(name, arguments, output),
                ["install", var packages, var catalogue] => Install(packages, catalogue, output),
                _ => Usage(errors),
            };
        }
        catch (ModelException e)
        {
            errors.WriteLine($"vms: {e.Message}");
            return NotFitExitCode;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or ValidationException or InvalidDataException or DllNotFoundException)
        {
            errors.WriteLine($"vms: {e.Message}");
            return NotDoneExitCode;
        }
    }

    private static int List(ModelsArguments arguments, TextWriter output)
    {
        string inUse = arguments.Catalogue.DefaultName();
        foreach (var entry in arguments.Catalogue.List())
        {
            string what = entry.Manifest is { } manifest
                ? $"{manifest.Adapter,-11} {manifest.Width + "x" + manifest.Height,-9} {manifest.Sha256[..12]}  {manifest.Licence ?? "-"}"
                : $"cannot be used: {entry.Problem}";
            output.WriteLine($"{(entry.Name == inUse ? "*" : " ")} {entry.Name,-20} {(entry.IsShipped ? "shipped" : "own"),-8} {what}");
        }

        return 0;
    }

    private static int Add(string file, ModelsArguments arguments, TextWriter output)
    {
        string name = arguments.Name ?? Path.GetFileNameWithoutExtension(file);
        string adapter = arguments.Adapter ?? throw new ModelException($"{name}: say how it is read: --adapter {string.Join("|", ModelAdapters.Objects)}");
        if (!ModelAdapters.FindsObjects(adapter))
            throw new ModelException($"{name}: there is no adapter '{adapter}'; expected one of {string.Join(", ", ModelAdapters.Objects)}");
        byte[] model = ModelCatalogue.ReadModel(name, file);
        var manifest = new ModelManifest
        {
            Adapter = adapter,
            Width = arguments.Width ?? ModelAdapters.UsualSide(adapter),
            Height = arguments.Height ?? ModelAdapters.UsualSide(adapter),
            Labels = LabelsOf(arguments.Labels),
            Sha256 = ModelCatalogue.HashOf(model),
            Scores = arguments.Scores,
            Licence = arguments.Licence,
            Source = arguments.Source ?? Path.GetFileName(file),
        };
        arguments.Catalogue.Check(name, manifest);
        var trial = ModelTrial.OfObjects(name, model, manifest, null, OnnxRuntimeOptions.Cpu, TimeProvider.System);
        arguments.Catalogue.Add(name, manifest, model);
        output.WriteLine($"{name} is taken, sha256 {manifest.Sha256}");
        Say(trial, output);
        output.WriteLine($"Cameras use it where their settings say '{name}', and all that say nothing after: vms models default {name}");
        return 0;
    }

    private static int Remove(string name, ModelsArguments arguments, TextWriter output)
    {
        arguments.Catalogue.Remove(name);
        output.WriteLine($"{name} is taken out; cameras whose settings name it find motion alone until they name another");
        return 0;
    }

    private static int Test(string name, string? pictureFile, ModelsArguments arguments, TextWriter output)
    {
        var entry = arguments.Catalogue.Find(name) ?? throw new ModelException($"There is no model '{name}'");
        byte[] model = ModelCatalogue.Bytes(entry);
        if (!ModelAdapters.FindsObjects(entry.Manifest!.Adapter))
        {
            ModelTrial.OfReader(entry.Name, model, entry.Manifest, OnnxRuntimeOptions.Cpu);
            output.WriteLine($"{entry.Name}: is whole and runs");
            return 0;
        }

        using var picture = pictureFile is null ? null : ModelTrial.FromJpeg(File.ReadAllBytes(pictureFile));
        var trial = ModelTrial.OfObjects(entry.Name, model, entry.Manifest, picture, OnnxRuntimeOptions.Cpu, TimeProvider.System);
        foreach (var found in trial.Found)
        {
            output.WriteLine(string.Create(
                CultureInfo.InvariantCulture, $"{found.Class,-16} {found.Score:0.00}  {found.Box.X:0.000} {found.Box.Y:0.000} {found.Box.Width:0.000} {found.Box.Height:0.000}"));
        }

        Say(trial, output);
        return 0;
    }

    private static int MakeDefault(string name, ModelsArguments arguments, TextWriter output)
    {
        var entry = arguments.Catalogue.Find(name) ?? throw new ModelException($"There is no model '{name}': vms models list shows those that there are");
        if (entry.Manifest is not { } manifest)
            throw new ModelException(entry.Problem!);
        if (!ModelAdapters.FindsObjects(manifest.Adapter) || manifest.Adapter == ModelAdapters.BlazeFace)
            throw new ModelException($"{entry.Name}: it finds no objects");
        arguments.Catalogue.SetDefault(entry.Name);
        output.WriteLine($"{entry.Name} is used by all cameras that name no other model, within seconds");
        return 0;
    }

    private static int Install(string packages, string catalogue, TextWriter output)
    {
        ShippedModels.Install(packages, catalogue);
        output.WriteLine($"{string.Join(", ", ShippedModels.All.Select(m => m.Name))} are in {catalogue}");
        return 0;
    }

    private static int Usage(TextWriter errors)
    {
        errors.WriteLine("vms: use vms models list, add FILE --adapter NAME [--labels coco|FILE] [--size WxH] [--scores 0.3=0.5,…] [--name NAME], test NAME [JPEG], default NAME, or remove NAME");
        return UsageExitCode;
    }

    private static void Say(TrialResult trial, TextWriter output) => output.WriteLine(string.Create(
        CultureInfo.InvariantCulture,
        $"{trial.Found.Count} objects found{(trial.People is { } people ? $", {people} of the people in the picture it is tried on" : "")}; {trial.RunTime.TotalMilliseconds:0.0} ms a picture on one processor"));

    private static IReadOnlyList<string> LabelsOf(string? labels) => labels switch
    {
        null or "coco" => CocoLabels.All,
        _ => [.. File.ReadLines(labels).Take(ModelManifest.MostLabels + 1).Select(l => l.Trim()).Where(l => l.Length > 0)],
    };
}
