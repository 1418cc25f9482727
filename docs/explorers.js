(explorer => {
  const sliders = JSON.parse(explorer.querySelector("script").textContent);
  const inputs = [...explorer.querySelectorAll("input")];
  const outputs = explorer.querySelectorAll("output");
  const picture = explorer.querySelector("img");
  const put = (number, place) => {
    const text = sliders[number].texts[place];
    inputs[number].value = place;
    inputs[number].setAttribute("aria-valuetext", text);
    outputs[number].textContent = text;
  };
  inputs.forEach((input, number) => input.addEventListener("input", () => {
    sliders.forEach((slider, other) => put(other, other === number ? Number(input.value) : slider.at));
    const { src, alt } = sliders[number].pictures[Number(input.value)];
    picture.src = src;
    picture.alt = alt;
  }));
})(document.currentScript.previousElementSibling);
