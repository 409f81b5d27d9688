using Vms.Ai.Models;
using Vms.Contracts.Ai;

namespace Vms.Ai.Detectors;

/// <summary>The catalogue with how each model is doing, as control asks for it. Any thread.</summary>
internal sealed class ModelListing(ModelCatalogue catalogue, DetectorPool pool)
{
    internal ModelList Read()
    {
        var (provider, problem) = ProviderOf(pool);
        return new ModelList { DefaultName = DefaultName(), Provider = provider, Problem = problem, Models = { catalogue.List().Select(Of) } };
    }

    private Model Of(CatalogueEntry entry)
    {
        var status = pool.StatusOf(entry.Name);
        var model = new Model { Name = entry.Name, Shipped = entry.IsShipped, State = status.State.ToString().ToLowerInvariant(), Problem = entry.Problem ?? status.Problem ?? "" };
        if (entry.Manifest is not { } manifest)
            return model;
        model.FindsObjects = ModelAdapters.FindsObjects(manifest.Adapter);
        // Of a reader they are the characters that it knows.
        model.Classes.AddRange(model.FindsObjects ? manifest.Labels : []);
        (model.Adapter, model.Width, model.Height, model.Sha256, model.Licence) = (manifest.Adapter, manifest.Width, manifest.Height, manifest.Sha256, manifest.Licence ?? "");
        return model;
    }

    private string DefaultName()
    {
        try
        {
            return catalogue.DefaultName();
        }
        catch (ModelException)
        {
            return "";
        }
    }

    private static (string Provider, string Problem) ProviderOf(DetectorPool pool)
    {
        try
        {
            return (pool.Runtime.Provider.ToString().ToLowerInvariant(), "");
        }
        catch (ModelException e)
        {
            return ("", e.Message);
        }
    }
}
