using Microsoft.Extensions.DependencyInjection;
using Vms.Ai.Models;
using Vms.Contracts.Ai;
using Vms.Testing;

namespace Vms.Ai.Tests;

public sealed class ModelListingTests
{
    [Fact]
    public async Task Control_is_told_of_every_model_with_its_state_and_of_one_that_cannot_be_used_why()
    {
        using var data = new TestDirectory();
        Directory.CreateDirectory(Path.Combine(data.Path, "models", "broken"));
        await File.WriteAllTextAsync(Path.Combine(data.Path, "models", "broken", "model.json"), "{}");
        await using AiPlaneRun ai = await AiPlaneRun.StartAsync(data);
        ModelList list = await ai.ListModelsAsync();

        var catalogue = ai.Services.GetRequiredService<ModelCatalogue>();
        Assert.Equal(catalogue.List().Select(e => e.Name), list.Models.Select(m => m.Name));
        Assert.Equal(catalogue.DefaultName(), list.DefaultName);
        Model broken = Assert.Single(list.Models, m => m.Name == "broken");
        Assert.Equal((false, false, "failed", ""), (broken.Shipped, broken.FindsObjects, broken.State, broken.Sha256));
        Assert.NotEmpty(broken.Problem);
        Assert.All(list.Models.Where(m => m.FindsObjects), m => Assert.Equal((true, 64, "idle"), (m.Classes.Count > 0, m.Sha256.Length, m.State)));
    }
}
